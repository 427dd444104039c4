"""When a process writes into its log that it is not ready, and that it is again."""

import re
from collections.abc import Sequence

#: What keeps a process from its work is logged once it has lasted for so long.
LOGGED_AFTER_S = 10.0


class ReadinessLog:
    """Decides when unreadiness is logged: once it lasts, and when it is over."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._logged: frozenset[str] = frozenset()

    def line(self, faults: Sequence[str], *, now: float) -> str | None:
        if not faults:
            self._since, was_logged, self._logged = None, bool(self._logged), frozenset()
            return "process.ready" if was_logged else None
        self._since = now if self._since is None else self._since
        patterns = frozenset(re.sub(r"[0-9]+", "", fault) for fault in faults)
        if now - self._since < LOGGED_AFTER_S or patterns <= self._logged:
            return None
        self._logged |= patterns
        return "process.unready"

"""What is logged at most once in a while, however often it happens."""

import time


class Seldom:
    """Remembers when each trouble was logged last."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._logged_at: dict[str, float] = {}

    def is_due(self, trouble: str) -> bool:
        """Whether this trouble was not logged lately."""
        now = time.monotonic()
        if now - self._logged_at.get(trouble, float("-inf")) < self._every_s:
            return False
        self._logged_at[trouble] = now
        return True

"""Wrong passwords: after some of a name, or many of all names, the next must wait."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

#: Of one name, and of all names together, before somebody must wait.
FREE, FREE_OF_ALL = 5, 50
#: Each further one doubles the wait, up to this.
FIRST_S, MOST_S = 2.0, 300.0
#: So long after the last one all is forgotten.
FORGOTTEN_S = 900.0
REMEMBERED = 1_000
ALL = "\0"


@dataclass(frozen=True, slots=True)
class Failed:
    times: int
    at: float


def wait_of(failed: Failed | None, free: int, *, now: float) -> float:
    """Seconds to wait before the next attempt."""
    if failed is None or failed.times < free or now - failed.at > FORGOTTEN_S:
        return 0.0
    wait = min(MOST_S, FIRST_S * 2.0 ** min(failed.times - free, 16))
    return max(0.0, failed.at + wait - now)


class Attempts:
    """The failed attempts that one process remembers; asked by many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._failed: dict[str, Failed] = {}

    def __len__(self) -> int:
        """How many names it remembers."""
        return len(self._failed)

    def wait(self, name: str) -> int:
        """Whole seconds to wait; none where an attempt may be made."""
        now = self._clock()
        with self._lock:
            own = wait_of(self._failed.get(name.lower()), FREE, now=now)
            return math.ceil(max(own, wait_of(self._failed.get(ALL), FREE_OF_ALL, now=now)))

    def failed(self, name: str) -> None:
        now = self._clock()
        with self._lock:
            for key in (name.lower(), ALL):
                before = self._failed.pop(key, None)
                is_fresh = before is not None and now - before.at <= FORGOTTEN_S
                self._failed[key] = Failed(before.times + 1 if before and is_fresh else 1, now)
            while len(self._failed) > REMEMBERED:
                del self._failed[next(iter(self._failed))]

    def succeeded(self, name: str) -> None:
        with self._lock:
            self._failed.pop(name.lower(), None)

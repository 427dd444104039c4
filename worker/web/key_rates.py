"""How often each key, and each signed address, has called this process lately."""

import time
from collections.abc import Callable
from threading import Lock

from worker.core.access.api_key import ApiKey
from worker.core.access.token_bucket import Bucket, is_full, taken

#: Above this, those that have rested are forgotten, so often at most: to look at all of them takes a while.
REMEMBERED, FORGET_S = 1_000, 1.0


class KeyRates:
    """The buckets of keys and of addresses, in the memory of one process; asked by many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._buckets: dict[int | str, tuple[Bucket, int]] = {}
        self._forgot_at = float("-inf")

    def wait(self, key: ApiKey) -> float:
        """Seconds that a key must wait before it may call; none where it may, and then this call is counted."""
        return self.wait_of(key.id, key.rate)

    def wait_of(self, whose: int | str, rate: int) -> float:
        with self._lock:
            now = self._clock()
            before, _rate = self._buckets.get(whose, (None, 0))
            bucket, wait_s = taken(before, rate, now=now)
            self._buckets[whose] = bucket, rate
            if len(self._buckets) > REMEMBERED and now - self._forgot_at >= FORGET_S:
                self._forget_rested(now)
            return wait_s

    def __len__(self) -> int:
        """How many it remembers."""
        return len(self._buckets)

    def _forget_rested(self, now: float) -> None:
        self._forgot_at = now
        self._buckets = {
            whose: (bucket, rate)
            for whose, (bucket, rate) in self._buckets.items()
            if not is_full(bucket, rate, now=now)
        }

"""How often each key has called this process lately."""

import time
from collections.abc import Callable
from threading import Lock

from worker.core.access.api_key import ApiKey
from worker.core.access.token_bucket import Bucket, is_full, taken

#: Above this, keys that have rested are forgotten.
REMEMBERED = 1_000


class KeyRates:
    """The buckets of keys, in the memory of one process; asked by many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._buckets: dict[int, tuple[Bucket, int]] = {}

    def wait(self, key: ApiKey) -> float:
        """Seconds that a key must wait before it may call; none where it may, and then this call is counted."""
        with self._lock:
            now = self._clock()
            before, _rate = self._buckets.get(key.id, (None, 0))
            bucket, wait_s = taken(before, key.rate, now=now)
            self._buckets[key.id] = bucket, key.rate
            if len(self._buckets) > REMEMBERED:
                self._forget_rested(now)
            return wait_s

    def _forget_rested(self, now: float) -> None:
        self._buckets = {
            key_id: (bucket, rate)
            for key_id, (bucket, rate) in self._buckets.items()
            if not is_full(bucket, rate, now=now)
        }

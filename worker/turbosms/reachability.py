"""Whether TurboSMS is reached at all, said once: an expired certificate or a lost way, and that it is over."""

import threading

from worker.logs.setup import log


class Reach:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_lost = False

    def record(self, obstacle: str | None) -> None:
        with self._lock:
            if (obstacle is not None) == self._is_lost:
                return
            self._is_lost = obstacle is not None
        if obstacle is None:
            log.info("provider.reached")
        else:
            log.warning("provider.unreachable", reason=obstacle, hint="texts wait; try perfectum-sms check")

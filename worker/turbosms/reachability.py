"""Log once that TurboSMS cannot be reached (an expired certificate, no route), and once that it is over."""

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

"""Retries of nudges that wait in this process: a queue for delays would be one more that RabbitMQ can lose.

One that ends with its process is found by the sweeper, whose rows know when they are due.
"""

import threading
import time
from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from itertools import count

from worker.amqp.confirms import Outgoing
from worker.logs.setup import log

#: More than this is the sweeper's.
MOST = 10_000
CLOSE_S = 1.0


class Delays:
    """Publishes each message once its time has come, on a thread of its own; on close all that are left."""

    def __init__(self, publish: Callable[[Sequence[Outgoing]], object]) -> None:
        self._publish = publish
        self._waiting: list[tuple[float, int, Outgoing]] = []
        self._numbers = count()
        self._changed = threading.Condition()
        self._is_ending = False
        self._thread = threading.Thread(target=self._run, name="delays", daemon=True)
        self._thread.start()

    def add(self, message: Outgoing, *, seconds: float) -> None:
        with self._changed:
            if len(self._waiting) < MOST:
                heappush(self._waiting, (time.monotonic() + seconds, next(self._numbers), message))
                self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._is_ending = True
            self._changed.notify()
        self._thread.join(CLOSE_S)

    def _run(self) -> None:
        while due := self._next():
            try:
                self._publish(due)
            except Exception as error:  # noqa: BLE001 (the sweeper finds their rows; the next ones shall go out)
                log.error("delays.fault", exc_info=error)

    def _next(self) -> list[Outgoing]:
        """Wait for due messages; there are none only at the end."""
        with self._changed:
            while not self._is_ending and (wait_s := self._wait_s()) != 0:
                self._changed.wait(wait_s)
            due: list[Outgoing] = []
            while self._waiting and (self._is_ending or self._waiting[0][0] <= time.monotonic()):
                due.append(heappop(self._waiting)[2])
            return due

    def _wait_s(self) -> float | None:
        return max(0.0, self._waiting[0][0] - time.monotonic()) if self._waiting else None

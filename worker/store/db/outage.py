"""What is known of PostgreSQL refusing work, and when it is asked again."""

import random
import time
from collections.abc import Generator
from contextlib import contextmanager

from worker.logs.setup import log
from worker.store.db.error_messages import reason
from worker.store.db.postgres import is_caused_by_input

WAIT_S = 0.5
WAIT_MAX_S = 5.0
#: A refusal that no probe sees is believed for so long: there may be no more work that would show its end.
BELIEVED_S = 30.0


class Outage:
    """PostgreSQL's refusals of a queue's work; one thread changes it, any may ask.

    A probe may see less than the work meets, as on a full disk: what the work met counts until work succeeds. Moments
    are of this machine's steady clock.
    """

    def __init__(self, queue: str) -> None:
        self._queue = queue
        self._logged: str | None = None
        self._is_seen = False
        self._at = 0.0
        self._wait_s = WAIT_S
        self.ask_at = 0.0

    def met(self, reason: str, *, now: float, by_probe: bool = False) -> None:
        """Note a refusal; each time the next probe waits longer."""
        if reason != self._logged:
            log.warning("postgresql.away", queue=self._queue, reason=reason)
        self._logged, self._is_seen, self._at = reason, by_probe, now
        self.ask_at = now + self._wait_s * random.uniform(0.5, 1.0)  # noqa: S311 (jitter)
        self._wait_s = min(2 * self._wait_s, WAIT_MAX_S)

    @contextmanager
    def watched(self) -> Generator[None]:
        """Note how work on PostgreSQL ends."""
        try:
            yield
        except Exception as error:
            if not is_caused_by_input(error):
                self.met(reason(error), now=time.monotonic())
            raise
        self.over()

    def looked(self) -> None:
        """Note a probe that found nothing; that ends only what a probe saw."""
        if self._is_seen:
            self.over()

    def over(self) -> None:
        if self._logged:
            log.info("postgresql.back", queue=self._queue)
        self._logged, self._wait_s = None, WAIT_S

    def fault(self, *, now: float) -> str | None:
        text = self._logged
        if text is None or not (self._is_seen or now - self._at <= BELIEVED_S):
            return None
        return f"waits for PostgreSQL ({text})"

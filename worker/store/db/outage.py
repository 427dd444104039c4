"""What is known of PostgreSQL refusing work, and when it is asked again."""

from __future__ import annotations

import random

from worker.logs.setup import log

WAIT_S = 0.5
WAIT_MAX_S = 5.0
#: A refusal that no probe sees is believed for so long: there may be no more work that would show its end.
BELIEVED_S = 30.0


class Outage:
    """A probe may see less than the work meets, as on a full disk: what the work met counts until work succeeds.

    Moments are of this machine's steady clock; one thread changes it, any may ask.

    Args:
        queue: whose work it is.
    """

    def __init__(self, queue: str) -> None:
        self._queue = queue
        self._logged: str | None = None
        self._is_seen = False
        self._at = 0.0
        self._wait_s = WAIT_S
        self.ask_at = 0.0

    def met(self, reason: str, *, now: float, by_probe: bool = False) -> None:
        """PostgreSQL refused: each time it is left alone for longer."""
        if reason != self._logged:
            log.warning("postgresql.away", queue=self._queue, reason=reason)
        self._logged, self._is_seen, self._at = reason, by_probe, now
        self.ask_at = now + self._wait_s * random.uniform(0.5, 1.0)  # noqa: S311 (jitter)
        self._wait_s = min(2 * self._wait_s, WAIT_MAX_S)

    def looked(self) -> None:
        """A probe found nothing in the way; that ends only what a probe saw."""
        if self._is_seen:
            self.over()

    def over(self) -> None:
        """Work succeeded."""
        if self._logged:
            log.info("postgresql.back", queue=self._queue)
        self._logged, self._wait_s = None, WAIT_S

    def fault(self, *, now: float) -> str | None:
        """What stands in the way, in words."""
        text = self._logged
        if text is None or not (self._is_seen or now - self._at <= BELIEVED_S):
            return None
        return f"waits for PostgreSQL ({text})"

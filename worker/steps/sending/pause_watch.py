"""What people paused, asked again before each POST; one for a process, and read once a second at most."""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock

from worker.core.clock.timeouts import PAUSES_KNOWN
from worker.core.hands.pause_scope import held_until
from worker.store.db.postgres import Pool, each_alone
from worker.store.hands import pauses as hand_pauses
from worker.store.hands.pauses import Paused
from worker.store.sending.attempts import Stored

NOTHING: Mapping[str, datetime | None] = {}


class PauseWatch:
    """Knows what is paused as it was a second ago at most."""

    def __init__(self) -> None:
        self._paused: Paused = {}
        self._now: datetime | None = None
        self._asked_at = float("-inf")
        self._asking = Lock()

    def holds(self, pool: Pool, stored: Stored) -> bool:
        """Whether a person has paused what this attempt would send.

        Raises:
            Exception: PostgreSQL cannot be asked now, and nobody knows.
        """
        self._ask(pool)
        paused, now = self._paused, self._now
        if now is None:
            return False
        now += timedelta(seconds=time.monotonic() - self._asked_at)
        scopes = (stored.trigger, stored.lane, stored.channel)
        return any(held_until(paused.get(whose, NOTHING), *scopes, now=now) for whose in (None, stored.account))

    def _ask(self, pool: Pool) -> None:
        if self._is_fresh():
            return
        with self._asking:
            if self._is_fresh():
                return
            began = time.monotonic()
            with each_alone(pool) as connection:
                self._paused, self._now = hand_pauses.read(connection)
            self._asked_at = began

    def _is_fresh(self) -> bool:
        return time.monotonic() - self._asked_at < PAUSES_KNOWN.total_seconds()

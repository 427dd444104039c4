"""What people paused, asked again before each POST; one for a process, and read once a second at most."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple

from worker.core.clock.timeouts import PAUSES_KNOWN
from worker.core.hands.pause_scope import held_until
from worker.store.db.postgres import Pool, each_alone
from worker.store.hands import pauses as hand_pauses
from worker.store.hands.pauses import Paused
from worker.store.sending.attempts import Stored

NOTHING: Mapping[str, datetime | None] = {}


class Look(NamedTuple):
    """What was paused, when (where anything was), and the second of the steady clock in which it was asked."""

    paused: Paused
    now: datetime | None
    asked_at: float


class PauseWatch:
    """Knows what is paused as it was a second ago at most."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._newest = Look({}, None, float("-inf"))
        self._asking = Lock()

    def holds(self, pool: Pool, stored: Stored) -> bool:
        """Whether a person has paused what this attempt would send.

        Raises:
            Exception: PostgreSQL cannot be asked now, and nobody knows.
        """
        paused, now, asked_at = self._look(pool)
        if now is None:
            return False
        now += timedelta(seconds=self._clock() - asked_at)
        scopes = (stored.trigger, stored.lane, stored.channel)
        return any(held_until(paused.get(whose, NOTHING), *scopes, now=now) for whose in (None, stored.account))

    def _look(self, pool: Pool) -> Look:
        if self._is_fresh(look := self._newest):
            return look
        with self._asking:
            if self._is_fresh(look := self._newest):
                return look
            began = self._clock()
            with each_alone(pool) as connection:
                self._newest = Look(*hand_pauses.read(connection), began)
            return self._newest

    def _is_fresh(self, look: Look) -> bool:
        return self._clock() - look.asked_at < PAUSES_KNOWN.total_seconds()

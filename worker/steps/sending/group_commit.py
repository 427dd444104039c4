"""Answers that an account gets at once are written down in one transaction, by whichever thread comes first.

Kept for speed: in pairs of 4,000 events, a text a request, 501 and 663 events/s with it and 240 and 344 without, at 3.7
and 2.9 ms of CPU an event with the servers against 7.7 and 5.6 (`make bench ARGS="--only send"`, 2 cores, 2026-11-30).
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import chain
from threading import Lock

from worker.steps.effects import Alert, Effect
from worker.steps.sending.record_result import AnsweredAttempt, JudgedAnswer, Recorded, ask, record
from worker.store.db.postgres import Pool, committed_ahead, is_caused_by_input, is_lock_held
from worker.store.sending.attempts import Stored

TOGETHER_MAX = 100
#: So long answers of several accounts wait for a lock; then each is written with others of its own account alone.
LOCK_WAIT = timedelta(milliseconds=50)


@dataclass(frozen=True, slots=True)
class Written:
    settled: int
    alerts: Sequence[Alert] = ()
    measured: Sequence[Effect] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    answered: Sequence[AnsweredAttempt]
    written: Future[Written] = field(default_factory=Future[Written])

    @property
    def keys(self) -> set[str]:
        return {stored.key for stored, _ in self.answered}


class Recorder:
    """A queue for each account: what one waits for, such as another's lock, must not hold others back.

    Plain acceptances of all accounts share one more, whose transactions wait for a lock hardly at all.
    """

    def __init__(self, lock_wait: timedelta = LOCK_WAIT) -> None:
        self._lines: dict[str, Line] = {}
        self._shared = Line(lock_wait)

    def write(self, pool: Pool, answered: Sequence[AnsweredAttempt]) -> Written:
        """Write one POST's answers down, alone or with others.

        Raises:
            Exception: these answers break it, or PostgreSQL cannot take them now.
        """
        line = self._lines.setdefault(answered[0][0].account, Line())
        if line.is_idle and all(is_plain(*each) for each in answered):
            try:
                return self._shared.write(pool, answered)
            except Exception as error:
                if not is_lock_held(error):
                    raise
        return line.write(pool, answered)


def is_plain(stored: Stored, answer: JudgedAnswer) -> bool:
    """Whether a POST was taken whole, of which nothing follows but that it is noted."""
    return (
        not (answer.is_failure or stored.is_probe or answer.answer.is_limited)
        and answer.answer.outcome_class(stored.phones) == "accepted"
    )


class Line:
    """While one thread writes, the answers of others gather; the next one writes them all."""

    def __init__(self, lock_wait: timedelta | None = None) -> None:
        self._waiting: deque[Entry] = deque()
        self._turn = Lock()
        self._lock_wait = lock_wait

    @property
    def is_idle(self) -> bool:
        """Whether nobody writes or waits."""
        return not (self._waiting or self._turn.locked())

    def write(self, pool: Pool, answered: Sequence[AnsweredAttempt]) -> Written:
        mine = Entry(answered)
        self._waiting.append(mine)
        with self._turn:
            while not mine.written.done():
                write_together(pool, list(self._take()), self._lock_wait)
        return mine.written.result()

    def _take(self) -> Iterator[Entry]:
        """Take those in front that may share a transaction: of one month, and no attempt twice."""
        month, keys = self._waiting[0].answered[0][0].month, set[str]()
        while self._waiting:
            entry = self._waiting[0]
            is_apart = entry.answered[0][0].month != month or not keys.isdisjoint(entry.keys)
            if keys and (is_apart or len(keys) + len(entry.answered) > TOGETHER_MAX):
                return
            keys |= entry.keys
            yield self._waiting.popleft()


def write_together(pool: Pool, entries: Sequence[Entry], lock_wait: timedelta | None = None) -> None:
    alerts: list[Alert] = []
    answered = list(chain.from_iterable(entry.answered for entry in entries))
    try:
        recorded = committed_ahead(pool, partial(ask, answered, lock_wait), partial(record, answered, alerts))
    except BaseException as error:
        if len(entries) > 1 and is_caused_by_input(error):
            for entry in entries:
                write_together(pool, [entry], lock_wait)
            return
        for entry in entries:
            entry.written.set_exception(error)
        if not isinstance(error, Exception):
            raise
        return
    for entry, share in zip(entries, shares(entries, recorded, alerts), strict=True):
        entry.written.set_result(share)


def shares(entries: Sequence[Entry], recorded: Recorded, alerts: Sequence[Alert]) -> Iterator[Written]:
    """Split the result by POST: the first one carries the alerts and counts of all."""
    for nth, entry in enumerate(entries):
        settled = len(recorded.settled & entry.keys)
        yield Written(settled) if nth else Written(settled, alerts, recorded.measured)

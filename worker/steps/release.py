"""The sweeper: rows whose moment has come are planned and nudged; attempts left behind are rescued, each whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from worker.core.nudge import WINDOW, Nudge, nudges
from worker.core.waits import LEASE
from worker.steps.measure import Moved, moved
from worker.steps.repeat import HandedOver
from worker.store import attempts, waiting
from worker.store.postgres import Pool, clock, transaction

LANES = ("urgent", "normal", "bulk")
#: A lane with more messages than this has work enough; more would only keep others' single rows waiting behind them.
DEEP = 20
#: Attempts are handed over only to a lane with next to nothing waiting: each takes as long as the provider, and
#: a lease that runs out in the queue is a lease lost.
SHALLOW = 10
ATTEMPTS_MAX = 50


@dataclass(frozen=True, slots=True)
class Released:
    """What is to be published, after the commit."""

    nudges: tuple[Nudge, ...] = ()
    handed_over: Mapping[str, list[HandedOver]] = field(default_factory=dict[str, list[HandedOver]])
    measured: tuple[Moved, ...] = ()

    @property
    def count(self) -> int:
        """How many rows and attempts were found."""
        return sum(len(nudge.places) for nudge in self.nudges) + sum(map(len, self.handed_over.values()))


def release(pool: Pool, depth: Callable[[str], int]) -> Released:
    """Find the rows that wait; `depth` tells how many messages lie in a lane's queue."""
    found: list[Nudge] = []
    planned: Counter[tuple[str, str]] = Counter()
    for lane in LANES:
        if depth(lane) <= DEEP:
            with transaction(pool) as connection:
                rows = waiting.release(connection, lane, slice_=WINDOW, now=clock(connection))
            found += nudges((row.account, lane, row.place) for row in rows)
            planned[lane, "planned"] = sum(row.was_postponed for row in rows)
    return Released(nudges=tuple(found), measured=moved(planned))


def rescue(pool: Pool, depth: Callable[[str], int]) -> Released:
    """Find the attempts that were left behind; `depth` as above."""
    left_behind = {lane: hand_over(pool, lane) for lane in LANES if depth(lane) <= SHALLOW}
    return Released(handed_over={lane: held for lane, held in left_behind.items() if held})


def hand_over(pool: Pool, lane: str) -> list[HandedOver]:
    """Give a lane's attempts whose lease ended a new one."""
    with transaction(pool) as connection:
        now = clock(connection)
        found = attempts.hand_over(connection, lane, limit=ATTEMPTS_MAX, leased_until=now + LEASE, now=now)
    return [(one.month, one.key, one.lease) for one in found]

"""The sweeper: rows whose moment has come are planned and nudged; attempts left behind are handed over whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from worker.core.notification import LEASE
from worker.core.nudge import WINDOW, Nudge, nudges
from worker.steps.repeat import Held
from worker.store import attempts, waiting
from worker.store.postgres import Pool, clock, transaction

LANES = ("urgent", "normal", "bulk")
#: A lane with more messages than this has work enough; more nudges would only repeat themselves.
DEEP = 200
ATTEMPTS_MAX = 200


@dataclass(frozen=True, slots=True)
class Released:
    """What is to be published, after the commit."""

    nudges: tuple[Nudge, ...]
    held: dict[str, list[Held]]

    @property
    def count(self) -> int:
        """How many rows and attempts were found."""
        return sum(len(nudge.places) for nudge in self.nudges) + sum(map(len, self.held.values()))


def release(pool: Pool, depth: Callable[[str], int]) -> Released:
    """Find what waits; `depth` tells how many messages lie in a lane's queue."""
    found: list[Nudge] = []
    for lane in LANES:
        if depth(lane) > DEEP:
            continue
        with transaction(pool) as connection:
            rows = waiting.release(connection, lane, slice_=WINDOW, now=clock(connection))
        found += nudges((row.account, lane, row.place) for row in rows)
    return Released(tuple(found), hand_over(pool))


def hand_over(pool: Pool) -> dict[str, list[Held]]:
    """Give attempts whose lease ended a new one, by lane."""
    held: dict[str, list[Held]] = defaultdict(list)
    with transaction(pool) as connection:
        now = clock(connection)
        for one in attempts.hand_over(connection, limit=ATTEMPTS_MAX, leased_until=now + LEASE, now=now):
            held[one.lane].append((one.month, one.key, one.lease))
    return held

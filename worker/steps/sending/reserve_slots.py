"""POSTs get their moments: the account's pace, shared by every replica, and room among those under way."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from worker.core.accounts.account import Account
from worker.core.clock.timeouts import POST_DEADLINE
from worker.core.hands.pause_scope import Ends
from worker.core.lanes import LANES
from worker.core.sending import rate_limiter as pacing
from worker.core.sending.pause import PROBED, Gate
from worker.core.sending.rate_limiter import Booked, Demand, Pace, Slot
from worker.core.sending.request_groups import Group
from worker.core.spending.budget import day_of
from worker.core.spending.cost_estimate import Spent
from worker.store.db.postgres import Connection
from worker.store.sending import rate_limiter
from worker.store.sending.capacity import taken_by_now
from worker.store.sending.pauses import PauseState

#: The reason of a row that stands in its lane's line.
PACED = "paced"
#: What has waited before does not go to the end of the line: it was there, or it waits for the second time.
HAS_WAITED = frozenset({PACED, "duplicate"})
#: A POST that begins late, or whose answer waits for PostgreSQL, is still under way for so long.
SLACK = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Capacity:
    """An account's capacity, locked.

    Attributes:
        stopped: what is paused of it by now.
        spent: by trigger; read only for budgets, as is `alerted` (subject by alert).
        threads: how many POSTs its process can make at once, one of them for each more urgent lane.
    """

    pace: Pace
    under_way: int
    stopped: Ends = field(default_factory=dict[str, datetime | None])
    spent: Mapping[str, Spent] = field(default_factory=dict[str, Spent])
    alerted: Mapping[str, str] = field(default_factory=dict[str, str])
    threads: int | None = None


def load_capacity(connection: Connection, account: Account, lanes: Collection[str], *, now: datetime) -> Capacity:
    """Lock an account's pace and spending until the end of the transaction; these lanes get no line that is empty."""
    pace = rate_limiter.lock(connection, account.id)
    for lane in lanes:
        pace = without_ghosts(connection, account.id, pace, lane, now=now)
    day = day_of(account.zone, now)
    taken = taken_by_now(connection, account.id, has_budgets=account.has_budgets, day=day, now=now)
    return Capacity(pace, *taken)


def was_stopped(pause_state: PauseState, capacity: Capacity) -> bool:
    """Whether an account that might send was stopped while its pace was waited for."""
    return pause_state.gate is Gate.OPEN and not PROBED.isdisjoint(capacity.stopped)


def demands_of(posts: Sequence[Sequence[Group]]) -> list[tuple[str, Demand]]:
    return [(posted[0][0].lane, demand_of(posted)) for posted in posts]


def book_demands(
    account: Account,
    asked: Sequence[tuple[str, Demand]],
    capacity: Capacity,
    booked: pacing.Book = pacing.book,
    *,
    now: datetime,
) -> tuple[list[Slot], Pace]:
    pace, under_way = capacity.pace, capacity.under_way
    slot_of: dict[int, Slot] = {}
    for nth_lane, lane in enumerate(LANES):
        mine = {nth: demand for nth, (its, demand) in enumerate(asked) if its == lane}
        if mine:
            room = pacing.room_of(lane, in_flight=account.in_flight, under_way=under_way)
            if capacity.threads is not None:
                room = min(room, capacity.threads - nth_lane - (under_way - capacity.under_way))
            slots, pace = booked(pace, account.rate, lane, list(mine.values()), room=room, now=now)
            under_way += sum(isinstance(slot, Booked) for slot in slots)
            slot_of.update(zip(mine, slots, strict=True))
    return [slot_of[nth] for nth in range(len(asked))], pace


def demand_of(groups: Sequence[Group]) -> Demand:
    rows = [row for group in groups for row in group]
    return Demand(sum(row.segments for row in rows), any(row.reason in HAS_WAITED for row in rows))


def without_ghosts(connection: Connection, account: str, pace: Pace, lane: str, *, now: datetime) -> Pace:
    if pace.lines[lane] <= now + LANES[lane].horizon or not rate_limiter.is_line_empty(connection, account, lane):
        return pace
    return replace(pace, lines={**pace.lines, lane: now})


def under_way_until(at: datetime) -> datetime:
    return at + POST_DEADLINE + SLACK

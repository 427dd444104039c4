"""The sweeper: plans and nudges due rows, rescues attempts left behind, expires overdue rows of paused accounts."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from worker.core.clock.timeouts import LEASE
from worker.core.lanes import LANES
from worker.core.sending.nudge import WINDOW, Nudge, nudges
from worker.steps.effects import Effect, Moved, moved
from worker.steps.ends import Ending, ended_ones
from worker.store.db.postgres import Pool, clock, transaction
from worker.store.sending import attempts, due_notifications
from worker.store.sending.attempts import HandedOver


def expire(pool: Pool) -> tuple[Effect, ...]:
    with transaction(pool) as connection:
        expired = due_notifications.expire(connection, now=clock(connection))
        ended = ended_ones(
            connection, (Ending(notification_id, "expired", "too_late") for _, notification_id in expired)
        )
    return (*moved(Counter((lane, "expired") for lane, _ in expired)), *ended)


#: A lane with more messages than this has work enough; more would only keep others' single rows waiting behind them.
DEEP = 20
#: Attempts are handed over only to a lane with next to nothing waiting: each takes as long as the provider, and
#: a lease that runs out in the queue is a lease lost.
SHALLOW = 10
ATTEMPTS_MAX = 50


@dataclass(frozen=True, slots=True)
class Released:
    nudges: tuple[Nudge, ...] = ()
    handed_over: Mapping[str, list[HandedOver]] = field(default_factory=dict[str, list[HandedOver]])
    measured: tuple[Moved, ...] = ()

    @property
    def count(self) -> int:
        return sum(len(nudge.notification_ids) for nudge in self.nudges) + sum(map(len, self.handed_over.values()))


def release(pool: Pool, depth: Callable[[str], int]) -> Released:
    """Release due rows; `depth` counts the messages of a lane's queue, or raises.

    Every depth is asked first, and all lanes are released together: no lane's nudges are lost for another's sake.
    """
    to_publish: list[Nudge] = []
    planned: Counter[tuple[str, str]] = Counter()
    lanes = [lane for lane in LANES if depth(lane) <= DEEP]
    with transaction(pool) as connection:
        now = clock(connection)
        for lane in lanes:
            rows = due_notifications.release(connection, lane, slice_=WINDOW, now=now)
            to_publish += nudges((row.account, lane, row.notification_id) for row in rows)
            planned[lane, "planned"] = sum(row.was_postponed for row in rows)
    return Released(nudges=tuple(to_publish), measured=moved(planned))


def rescue(pool: Pool, depth: Callable[[str], int]) -> Released:
    lanes = [lane for lane in LANES if depth(lane) <= SHALLOW]
    with transaction(pool) as connection:
        now = clock(connection)
        left_behind = {
            lane: attempts.hand_over(connection, lane, limit=ATTEMPTS_MAX, leased_until=now + LEASE, now=now)
            for lane in lanes
        }
    return Released(handed_over={lane: held for lane, held in left_behind.items() if held})

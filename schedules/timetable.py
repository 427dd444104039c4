"""What runs how often, as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from worker.core.waits import HORIZONS
from worker.envelope import handed_over, nudge
from worker.logs import log
from worker.publisher import Outgoing, Publisher
from worker.steps.expire import expire
from worker.steps.forget import forget
from worker.steps.release import DEEP, release
from worker.store import partitions
from worker.store.postgres import Pool, clock, transaction
from worker.topology import send_queue

ANSWER_S = 5.0


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the timetable."""

    name: str
    every: timedelta
    run: Callable[[], object]


def timetable(pool: Pool, publisher: Publisher) -> list[Task]:
    """Everything the scheduler does."""
    return [
        Task("release", min(HORIZONS.values()), partial(sweep, pool, publisher)),
        Task("expire", timedelta(seconds=30), partial(counted, "rows.expired", partial(expire, pool))),
        Task("partitions", timedelta(minutes=10), partial(keep_partitions, pool)),
        Task("forget", timedelta(hours=1), partial(counted, "habits.forgotten", partial(forget, pool))),
    ]


def sweep(pool: Pool, publisher: Publisher) -> None:
    """Release what is due and publish the nudges; unpublished ones are found again by their rows."""
    released = release(pool, partial(depth, publisher))
    messages: list[Outgoing] = [nudge(one) for one in released.nudges]
    for lane, attempts in released.handed_over.items():
        messages += handed_over(lane, attempts)
    if messages:
        confirmed = publisher.publish(messages).result(ANSWER_S)
        log.info("rows.released", rows=released.count, messages=len(messages), confirmed=confirmed)


def depth(publisher: Publisher, lane: str) -> int:
    """How many messages lie in a lane's queue; a lane that RabbitMQ does not tell of counts as deep."""
    try:
        return publisher.depth(send_queue(lane)).result(ANSWER_S)
    except TimeoutError:
        return DEEP + 1


def counted(event: str, run: Callable[[], int]) -> None:
    """Say how much a task did, if it did anything."""
    if count := run():
        log.info(event, rows=count)


def keep_partitions(pool: Pool) -> None:
    """Three months ahead, always."""
    with transaction(pool) as connection:
        now = clock(connection)
    with pool.connection() as connection:
        made = partitions.keep(connection, now=now)
    if made:
        log.info("partitions.made", names=made)

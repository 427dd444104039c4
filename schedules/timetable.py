"""What runs how often, as data."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from schedules import poll_balances_and_queues
from schedules.poll_balances_and_queues import Balances
from schedules.poll_receipts import Collection
from schedules.publish_outcomes import Outcomes, drop_old_outcomes
from schedules.reminders import tzdata
from schedules.reminders.reminder_rounds import Looks, keep_time
from worker.amqp.messages import handed_over, nudge
from worker.amqp.publisher import Outgoing, Publisher
from worker.amqp.topology import send_queue
from worker.bootstrap import alert
from worker.core.clock import timeouts
from worker.core.lanes import LANES
from worker.health.outcome_log import report
from worker.logs.setup import log
from worker.steps.alerts.alerts import plan_alert_sms
from worker.steps.hands.pause import end_over, wake_resumed
from worker.steps.privacy.erase import carry_on
from worker.steps.upkeep.fill_search_index import fill_search_index
from worker.steps.upkeep.learn_prices import learn_prices
from worker.steps.upkeep.retention import purge
from worker.steps.upkeep.sweeper import DEEP, Released, expire, release, rescue
from worker.store.accounts import secrets
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal, WrongSecretError
from worker.store.db import frozen_sessions, partitions
from worker.store.db.postgres import Pool, clock, transaction

ANSWER_S = 5.0
#: A hundred thousand birthdays must not keep the sweeper waiting, nor it them, nor either be kept by what has time.
LEDGER, CALENDAR, UPKEEP, SEARCH, OUTCOMES = "ledger", "calendar", "upkeep", "search", "outcomes"


@dataclass(frozen=True, slots=True)
class Task:
    """What runs how often; tasks of one `thread` run one after another."""

    name: str
    every: timedelta
    run: Callable[[], object]
    thread: str = LEDGER


def timetable(
    pool: Pool,
    publisher: Publisher,
    balances: Balances | None = None,
    collection: Collection | None = None,
    outcomes: Outcomes | None = None,
    *,
    cache: ConfigurationCache | None = None,
) -> list[Task]:
    """List every task; `balances` and `collection` need the key that opens sealed tokens, `outcomes` a publisher."""
    cache = cache or ConfigurationCache()
    money = [Task("balances", timedelta(minutes=10), balances.ask)] if balances else []
    if balances:
        money.append(Task("alerts", timedelta(seconds=10), partial(send_alert_sms, pool, balances.seal)))
    forgetting = partial(carry_on, pool, report)
    deliveries = [Task("receipts", timedelta(seconds=5), collection.ask)] if collection else []
    hearing = [Task("outcomes", timedelta(seconds=0.5), outcomes.publish, OUTCOMES)] if outcomes else []
    return [
        *money,
        *deliveries,
        *hearing,
        Task("release", min(lane.horizon for lane in LANES.values()), partial(sweep, pool, publisher, release)),
        Task("rescue", timedelta(seconds=1), partial(sweep, pool, publisher, rescue)),
        Task("frozen", timedelta(seconds=5), partial(end_frozen, pool)),
        Task("expire", timedelta(seconds=30), partial(end_late, pool)),
        Task("pauses", timedelta(seconds=5), partial(end_over, pool)),
        Task("resumes", timedelta(seconds=5), partial(wake_resumed, pool)),
        Task("partitions", timedelta(minutes=10), partial(keep_partitions, pool)),
        Task("gauges", timedelta(seconds=10), partial(poll_balances_and_queues.look, pool, publisher)),
        Task("occurrences", timedelta(seconds=0.5), partial(keep_time, pool, cache, publisher, Looks()), CALENDAR),
        Task("zones", timedelta(hours=1), partial(tzdata.note, pool), CALENDAR),
        Task("purge", timedelta(hours=1), partial(counted, "rows.purged", partial(purge, pool)), UPKEEP),
        Task("old_outcomes", timedelta(minutes=10), partial(drop_old_outcomes, pool), UPKEEP),
        Task("search", timedelta(seconds=10), partial(fill_search_index, pool), SEARCH),
        Task("erasures", timedelta(minutes=1), partial(counted, "erasures.finished", forgetting), UPKEEP),
        Task("prices", timedelta(minutes=10), partial(counted, "prices.learned", partial(learn_prices, pool))),
    ]


def sweep(pool: Pool, publisher: Publisher, find: Callable[[Pool, Callable[[str], int]], Released]) -> None:
    """Publish nudges for what waits; the rows of unconfirmed ones are found again."""
    released = find(pool, partial(depth, publisher))
    report(released.measured)
    messages: list[Outgoing] = [nudge(item) for item in released.nudges]
    for lane, attempts in released.handed_over.items():
        messages += handed_over(lane, attempts)
    if messages:
        confirmed = publisher.publish(messages).result(ANSWER_S)
        log.info("rows.released", rows=released.count, messages=len(messages), confirmed=confirmed)


def depth(publisher: Publisher, lane: str) -> int:
    """Count messages of a lane's queue; one that RabbitMQ is slow to measure counts as deep.

    Raises:
        one of CONNECTION_ERRORS: RabbitMQ is away, so that the task fails visibly.
    """
    try:
        return publisher.depth(send_queue(lane)).result(ANSWER_S)
    except TimeoutError:
        return DEEP + 1


def send_alert_sms(pool: Pool, seal: Seal) -> None:
    try:
        planned = plan_alert_sms(pool, partial(secrets.salt, seal=seal))
    except WrongSecretError:
        # They wait for a scheduler whose key opens the salt; that ours does not is this process's reported state.
        return
    for event, facts in planned:
        alert(event, facts)


def end_late(pool: Pool) -> None:
    report(expire(pool))


def end_frozen(pool: Pool) -> None:
    with pool.connection() as connection:
        if ended := frozen_sessions.end_frozen(connection, timeouts.FROZEN_WAIT):
            log.warning("sessions.ended", sessions=ended)


def counted(event: str, run: Callable[[], int]) -> None:
    if count := run():
        log.info(event, rows=count)


def keep_partitions(pool: Pool) -> None:
    """Create partitions three months ahead; where a table is busy, as in a dump, the next run does."""
    with transaction(pool) as connection:
        now = clock(connection)
    with pool.connection() as connection:
        made = partitions.keep_if_free(connection, now=now)
    if isinstance(made, str):
        log.info("partitions.waiting", reason=made)
    elif made:
        log.info("partitions.created", names=made)

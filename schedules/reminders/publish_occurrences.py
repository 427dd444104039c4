"""Occurrences that wait are published with confirms, the urgent ones first, while the event queues are shallow."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from schedules.reminders.fire_timers import rules_by_trigger
from schedules.reminders.quarantine import Faults, alert_quarantined, tried
from schedules.reminders.schedule_timers import Clock
from worker.amqp.connection import CONNECTION_ERRORS
from worker.amqp.publisher import Outgoing, Publisher
from worker.amqp.topology import EVENTS_EXCHANGE, OTHER_EVENTS, URGENT_EVENTS, URGENT_RECORD_KINDS
from worker.core.clock.timeouts import OCCURRENCE_LEASE
from worker.core.contract.event_types import CONTENT_TYPE
from worker.core.reminders.date_warnings import QUARANTINED
from worker.core.reminders.fire import DELETED, TOO_LATE, EmittedReminder, untrue
from worker.core.reminders.schedule import ReminderRule
from worker.failpoint import reached
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Connection, Pool, clock, committed, transaction
from worker.store.reminders import occurrences
from worker.store.reminders.occurrences import Pending

#: A queue with more than this has events enough; reminders must not delay what people do.
SHALLOW = 500
IN_HAND = 500
ANSWER_S = 10.0
#: Where what is urgent goes, and what is not.
QUEUE = {True: URGENT_EVENTS, False: OTHER_EVENTS}


@dataclass(frozen=True, slots=True)
class UnderWay:
    taken: Sequence[Pending]
    answer: Future[int]


@dataclass(frozen=True, slots=True)
class Begun:
    """What is under way, how many ended unpublished, and whether a full queue holds others up."""

    under_way: Sequence[UnderWay] = ()
    ended: int = 0
    is_held_up: bool = False


def publish(pool: Pool, cache: ConfigurationCache, publisher: Publisher, *, ask: Clock = clock) -> int:
    return finish(pool, begin(pool, cache, publisher, ask=ask), ask=ask)


def begin(pool: Pool, cache: ConfigurationCache, publisher: Publisher, *, ask: Clock = clock) -> Begun:
    """Start publishing: RabbitMQ's disk takes its time, which the caller may use.

    Raises:
        one of CONNECTION_ERRORS: RabbitMQ is away; nothing is leased.
    """
    with transaction(pool) as connection:
        urgencies = {record_kind in URGENT_RECORD_KINDS for record_kind in occurrences.waiting(connection)}
    rooms = {is_urgent: room_in(publisher, QUEUE[is_urgent]) for is_urgent in sorted(urgencies, reverse=True)}
    under_way, ended = list[UnderWay](), 0
    for is_urgent, room in rooms.items():
        if room:
            taken, dropped = take(pool, cache, is_urgent=is_urgent, limit=room, ask=ask)
            events = [Outgoing(EVENTS_EXCHANGE, item.routing_key, item.body, CONTENT_TYPE) for item in taken]
            under_way += [UnderWay(taken, publisher.publish(events))] if taken else []
            ended += dropped
    return Begun(under_way, ended, 0 in rooms.values())


def finish(pool: Pool, begun: Begun, *, ask: Clock = clock) -> int:
    """Mark what RabbitMQ confirmed, and count what is settled; the rest is found again when its lease ends."""
    return begun.ended + sum(mark(pool, under_way, ask=ask) for under_way in begun.under_way)


def room_in(publisher: Publisher, queue: str) -> int:
    """Count the events that a queue has room for; one that RabbitMQ is slow to measure counts as full.

    Raises:
        one of CONNECTION_ERRORS: RabbitMQ is away.
    """
    try:
        return min(IN_HAND, max(0, SHALLOW - publisher.depth(queue).result(ANSWER_S)))
    except TimeoutError:
        return 0


def take(
    pool: Pool, cache: ConfigurationCache, *, is_urgent: bool, limit: int, ask: Clock
) -> tuple[list[Pending], int]:
    def act(connection: Connection) -> tuple[list[Pending], int, Faults]:
        configuration, _ = cache.look(connection)
        now = ask(connection)
        pendings = occurrences.take(
            connection,
            record_kinds=URGENT_RECORD_KINDS,
            is_urgent=is_urgent,
            limit=limit,
            until=now + OCCURRENCE_LEASE,
            now=now,
        )
        accounts = {pending.entry.account for pending in pendings if pending.entry}
        rules = {account: rules_by_trigger(configuration, account) for account in accounts}
        faults = Faults()
        ended = [
            (pending, *end)
            for pending in pendings
            if (end := end_of(pending, rules, faults, too_late=pending.expires_at <= now))
        ]
        ids = {pending.id for pending, _, _ in ended}
        return (
            [pending for pending in pendings if pending.id not in ids],
            occurrences.settle(connection, ended, now=now),
            faults,
        )

    taken, dropped, faults = committed(pool, act)
    alert_quarantined(faults)
    if taken:
        reached("taken")
    return taken, dropped


def end_of(
    pending: Pending, rules: Mapping[str, Mapping[str, ReminderRule]], faults: Faults, *, too_late: bool
) -> tuple[str, str] | None:
    entry = pending.entry
    if entry is None:
        return "cancelled", DELETED
    rule = rules[entry.account].get(pending.rule)
    emitted = EmittedReminder(pending.rule, pending.due_at, pending.slot, pending.offset_minutes, pending.changed_at)
    reason = tried(entry, lambda: untrue(emitted, entry, rule) or "", faults)
    if reason != "":
        return "cancelled", reason or QUARANTINED
    return ("missed", TOO_LATE) if too_late else None


def mark(pool: Pool, under_way: UnderWay, *, ask: Clock) -> int:
    try:
        confirmed = under_way.answer.result(ANSWER_S)
    except (*CONNECTION_ERRORS, TimeoutError):
        return 0
    reached("confirmed")
    ids = [pending.id for pending in under_way.taken[:confirmed]]
    marked = committed(pool, lambda connection: occurrences.mark(connection, ids, now=ask(connection)))
    reached("marked")
    return marked

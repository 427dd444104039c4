"""The first look at a batch, before its transaction: read every delivery, refuse the malformed, render texts."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from worker.core.contract.event import Event, Malformed, read
from worker.core.contract.inbound_message import Delivery
from worker.core.planning.draft import Draft, drafts
from worker.core.planning.work_limit import DETAIL, TOO_MUCH, affordable
from worker.failpoint import reached
from worker.steps.sending.straight.claim import Allowance
from worker.store.accounts.configuration import Configuration
from worker.store.db.postgres import Connection
from worker.store.ingest import events
from worker.store.ingest.dead_letters import DeadLetter
from worker.tracing import spans

SEND_REQUESTED = "sms.send_requested"


@dataclass(frozen=True, slots=True)
class SortedOut:
    """A parsed batch: events by key with their deliveries, repeats of these keys, and dead letters."""

    firsts: dict[bytes, tuple[Event, Delivery]]
    again: list[tuple[Event, Delivery]]
    dead: list[DeadLetter]


def sort_out(configuration: Configuration, deliveries: Sequence[Delivery], *, now: datetime) -> SortedOut:
    batch = SortedOut({}, [], [])
    for delivery in deliveries:
        event = read(
            delivery.body, routing_key=delivery.routing_key, now=now, size=delivery.size, hop=delivery.traceparent
        )
        if isinstance(event, Event):
            event = of_a_known_account(event, configuration)
        if isinstance(event, Malformed):
            batch.dead.append(refused_dead_letter(delivery, event))
        elif event.key in batch.firsts:
            batch.again.append((event, delivery))
        else:
            batch.firsts[event.key] = (event, delivery)
    return batch


def of_a_known_account(event: Event, configuration: Configuration) -> Event | Malformed:
    account, named = configuration.accounts.get(event.account), event.data.template
    if account is None:
        hint = f"`source` names account {event.account}, which is not set up: perfectum-sms account add {event.account}"
        return Malformed("unknown_account", hint, event.account, event.id, event.type)
    if event.type == SEND_REQUESTED and named and named not in account.customs:
        hint = f"data.template: {event.account} has no custom template of this name; add it, then replay this event."
        return Malformed("unknown_template", hint, event.account, event.id, event.type)
    return event


def split_repeats(connection: Connection, again: list[tuple[Event, Delivery]]) -> tuple[list[DeadLetter], list[Event]]:
    """Count repeats with equal content, and return them; an id with other content is a dead letter."""
    if not again:
        return [], []
    known = events.known_content(connection, {event.key for event, _ in again})
    same = [event for event, _ in again if known[event.key] == event.content]
    events.count_repeats(connection, (event.key for event in same))
    detail = "This id was accepted before with another content; the first one counts. Give a new fact a new id."
    reused = [
        refused_dead_letter(delivery, Malformed("id_reused", detail, event.account, event.id, event.type))
        for event, delivery in again
        if known[event.key] != event.content
    ]
    return reused, same


def refused_dead_letter(delivery: Delivery, fault: Malformed, story: str | None = None) -> DeadLetter:
    return DeadLetter(
        letter_kind="event",
        reason=fault.reason,
        detail=fault.detail,
        body=delivery.body,
        whole=delivery.whole,
        account=delivery.account or fault.account,
        queue=delivery.queue,
        routing_key=delivery.routing_key,
        event_id=fault.id,
        event_type=fault.type,
        traceback=story,
    )


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch ready for its transaction; `straight` is what of it may go at once."""

    configuration: Configuration
    now: datetime
    batch: SortedOut
    drafted: Sequence[tuple[Event, Draft]]
    straight: Allowance = field(default_factory=Allowance)


def prepare(configuration: Configuration, deliveries: Sequence[Delivery], *, salt: bytes, now: datetime) -> Prepared:
    batch = sort_out(configuration, deliveries, now=now)
    spans.current().link(traces_of(batch))
    reached("parsed")
    drafted: list[tuple[Event, Draft]] = []
    for event, _ in list(batch.firsts.values()):
        asked_for = drafts(event, configuration.accounts[event.account], salt=salt, now=now)
        made = affordable(asked_for, time.thread_time)
        if made is None:
            refuse(batch, event)
        else:
            drafted += ((event, draft) for draft in made)
    return Prepared(configuration, now, batch, drafted)


def traces_of(batch: SortedOut) -> Iterator[str]:
    """Each trace that events of a batch come from, and those of their messages."""
    for event, delivery in chain(batch.firsts.values(), batch.again):
        yield from dict.fromkeys(trace for trace in (event.traceparent, delivery.traceparent) if trace)


def refuse(batch: SortedOut, event: Event) -> None:
    fault = Malformed(TOO_MUCH, DETAIL, event.account, event.id, event.type)
    same = [batch.firsts.pop(event.key), *(pair for pair in batch.again if pair[0].key == event.key)]
    batch.again[:] = [pair for pair in batch.again if pair[0].key != event.key]
    batch.dead.extend(refused_dead_letter(delivery, fault) for _, delivery in same)

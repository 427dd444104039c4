"""Record what a poll of TurboSMS answered, with the moment of the next poll."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from worker.core.clock.timeouts import RATE_WAIT
from worker.core.receipts.polling import (
    NO_RECEIPT,
    NOT_TRACKED,
    is_believed_unknown,
    next_ask,
    next_follow_up,
    next_try,
)
from worker.core.receipts.receipt import Message
from worker.steps.effects import Alert, Effect, Receipts
from worker.steps.ends import given_up
from worker.steps.receipts.apply_receipts import OPEN, Plan, receive
from worker.steps.receipts.lease_polls import Batch
from worker.store.db.postgres import Connection, clock
from worker.store.receipts.receipts import Tracked
from worker.store.sending import rate_limiter
from worker.turbosms.reports import UNANSWERED, Reports


@dataclass(frozen=True, slots=True)
class Answered:
    measured: Sequence[Effect]
    alerts: Sequence[Alert]


def write(batch: Batch, reports: Reports, connection: Connection) -> Answered:
    now, account = clock(connection), batch.account.id
    reported = {message_id: reports.reports.get(message_id, ()) for message_id in batch.messages}
    plan = Plan(partial(opened, batch, reports, now), partial(ended, reports, now))
    received = receive(connection, account, reported, plan, now=now)
    over = [tracked for tracked in received.tracked if tracked.status.state in OPEN and tracked.ask_at is None]
    unknown = {tracked.notification_id for tracked in over if is_unknown_to_provider(tracked, reports, now=now)}
    untracked = given_up(connection, unknown, NOT_TRACKED, now=now)
    silent = given_up(connection, {tracked.notification_id for tracked in over} - unknown, NO_RECEIPT, now=now)
    counts = reports.counts if reports.fault is None else {UNANSWERED: len(batch.messages)}
    measured = [
        *received.measured,
        *untracked,
        *silent,
        *(Receipts("poll", status, count) for status, count in counts.items()),
    ]
    return Answered(measured, alerts_of(connection, account, reports, now=now))


def opened(batch: Batch, reports: Reports, now: datetime, tracked: Tracked) -> datetime | None:
    """When to ask for an open notification again; None: never."""
    youngest = max(message.accepted_at for message in tracked.messages.values())
    if is_unknown_to_provider(tracked, reports, now=now):
        return None
    if reports.fault is not None:
        return next_try(youngest, has_callbacks=batch.has_callbacks, now=now)
    return next_ask(youngest, has_callbacks=batch.has_callbacks, now=now)


def ended(reports: Reports, now: datetime, message_id: str, message: Message) -> datetime | None:
    """When to ask for a message of an ended notification again; None: never."""
    if message_id in reports.unknown_ids and is_believed_unknown(message.accepted_at, now=now):
        return None
    return next_follow_up(message.accepted_at, now=now)


def is_unknown_to_provider(tracked: Tracked, reports: Reports, *, now: datetime) -> bool:
    return tracked.messages.keys() <= reports.unknown_ids - doubted([tracked], now=now)


def doubted(tracked: Iterable[Tracked], *, now: datetime) -> set[str]:
    """Messages too young to believe that the provider does not know them."""
    return {
        message_id
        for item in tracked
        for message_id, message in item.messages.items()
        if not is_believed_unknown(message.accepted_at, now=now)
    }


def alerts_of(connection: Connection, account: str, reports: Reports, *, now: datetime) -> list[Alert]:
    """Slow the account down on every replica where the provider asks for it, with one alert."""
    if reports.is_limited and rate_limiter.slow(connection, account, wait=RATE_WAIT, now=now):
        return [("provider.limits", {"account": account, "wait_s": RATE_WAIT.total_seconds()})]
    return []

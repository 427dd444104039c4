"""Accept callbacks: each event once, of the message that it named first, in one transaction for all of them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Literal, get_args

from worker.core.clock.timeouts import FOLLOW_UP_WAIT, RECEIPT_WAIT
from worker.core.receipts.channel_status import status_of
from worker.core.receipts.receipt import Message, StatusReport, needs_details
from worker.steps.effects import Measure, Receipts, unmeasured
from worker.steps.receipts.apply_receipts import Plan, Received, receive
from worker.store.db.postgres import Connection, Pool, clock, committed
from worker.store.receipts import callbacks as ledger
from worker.store.receipts.callbacks import Bound, Event
from worker.store.receipts.receipts import Tracked
from worker.turbosms.callback import Callback

#: recorded: it is written down. repeated: it was before. unknown: its message is not ours, or not yet, so that the
#: provider shall try again. rebound: its event named another message first, and is refused.
CallbackOutcome = Literal["recorded", "repeated", "unknown", "rebound"]
CALLBACK_OUTCOMES: tuple[CallbackOutcome, ...] = get_args(CallbackOutcome)


def record_callbacks(
    pool: Pool, account: str, callbacks: Sequence[Callback], measure: Measure = unmeasured
) -> tuple[CallbackOutcome, ...]:
    """Record callbacks whose signatures were checked; the outcomes are true when this returns.

    Raises:
        psycopg.Error: nothing is recorded.
    """
    if not callbacks:
        return ()
    outcomes, received = committed(pool, partial(record_within, account, callbacks))
    counts: Counter[str] = Counter(outcomes)
    measure([*received.measured, *(Receipts("callback", outcome, counts[outcome]) for outcome in counts)])
    return outcomes


def record_within(
    account: str, callbacks: Sequence[Callback], connection: Connection
) -> tuple[tuple[CallbackOutcome, ...], Received]:
    now = clock(connection)
    first = {callback.event_id: callback for callback in reversed(callbacks)}
    events = [Event(callback.event_id, callback.message_id, status_of(callback.status)) for callback in first.values()]
    bound = ledger.bind(connection, account, events, now=now)
    reports = defaultdict[str, list[StatusReport]](list)
    for callback in first.values():
        if bound[callback.event_id] == Bound(callback.message_id, is_recorded=False):
            reports[callback.message_id].append(StatusReport(None, status_of(callback.status), updated=callback.at))
    received = receive(connection, account, reports, plan_of(now), now=now)
    outcomes: tuple[CallbackOutcome, ...] = tuple(
        outcome_of(
            callback,
            bound[callback.event_id],
            is_first=first[callback.event_id] is callback,
            is_known=callback.message_id in received.known,
        )
        for callback in callbacks
    )
    fresh = [callback.event_id for callback, outcome in zip(callbacks, outcomes, strict=True) if outcome == "recorded"]
    ledger.record(connection, account, fresh, now=now)
    return outcomes, received


def outcome_of(callback: Callback, bound: Bound, *, is_first: bool, is_known: bool) -> CallbackOutcome:
    if bound.message_id != callback.message_id:
        return "rebound"
    if bound.is_recorded:
        return "repeated"
    if not is_known:
        return "unknown"
    return "recorded" if is_first else "repeated"


def plan_of(now: datetime) -> Plan:
    """Ask after a callback: at once how a hybrid goes on, later for the price.

    A row that was given up and moves now has lost its reason, so that it is asked for again.
    """

    def opened(tracked: Tracked) -> datetime | None:
        if any(map(needs_details, tracked.messages.values())):
            return now
        is_purged = tracked.ask_at is None and tracked.status.reason is None
        return now + RECEIPT_WAIT if is_purged else tracked.ask_at

    def ended(_message_id: str, _message: Message) -> datetime:
        return now + FOLLOW_UP_WAIT

    return Plan(opened, ended)

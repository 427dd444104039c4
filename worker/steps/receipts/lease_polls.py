"""Which messages are asked for now: leased, those that need not be asked for put off, the rest in batches."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.core.accounts.account import Account
from worker.core.clock.timeouts import ASK_LEASE
from worker.core.receipts.polling import (
    CALLBACKS_ARE_FRESH,
    NO_RECEIPT,
    NOT_TRACKED,
    Turn,
    later,
    next_follow_up,
    turn_of,
)
from worker.store.accounts.configuration import Configuration, ConfigurationCache
from worker.store.db.postgres import Connection
from worker.store.receipts import callbacks, follow_ups, poll_queue, receipts
from worker.store.receipts.poll_queue import Due
from worker.turbosms.reports import IDS_AT_MOST


@dataclass(frozen=True, slots=True)
class Batch:
    account: Account
    token: bytes
    has_callbacks: bool
    messages: Sequence[str]


@dataclass(frozen=True, slots=True)
class Claimed:
    count: int
    lag: timedelta
    batches: Sequence[Batch]


def claim(cache: ConfigurationCache, limit: int, connection: Connection) -> Claimed:
    configuration, now = cache.look(connection)
    dues = poll_queue.lease(connection, limit=limit, leased_until=now + ASK_LEASE, now=now)
    accounts = {due.account for due in dues}
    with_callbacks = callbacks.with_recent_callbacks(connection, accounts, since=now - CALLBACKS_ARE_FRESH)
    # An account that was removed counts as paused: nobody has its token.
    still = poll_queue.still(connection) | (accounts - configuration.accounts.keys())
    turns = [(due, turn(due, still, with_callbacks, now=now)) for due in dues]
    give_up(connection, turns, now=now)
    put_off(connection, turns, still, with_callbacks, now=now)
    wanted = [due for due, what in turns if what is Turn.ASK]
    lag = max((now - due.due_at for due in dues), default=timedelta())
    return Claimed(len(dues), lag, list(batches(wanted, configuration, with_callbacks)))


def turn(due: Due, still: frozenset[str], with_callbacks: frozenset[str], *, now: datetime) -> Turn:
    if due.notification_id is None:
        return Turn.LATER if due.account in still else Turn.ASK
    if due.message_id is None:
        return Turn.GIVE_UP
    # Its callbacks do not show which channel lost it, or whether the other follows.
    has_callbacks = due.account in with_callbacks and not due.needs_details
    return turn_of(due.accepted_at, is_still=due.account in still, has_callbacks=has_callbacks, now=now)


def give_up(connection: Connection, turns: Iterable[tuple[Due, Turn]], *, now: datetime) -> None:
    """Stop asking for what is too old, or has no id of its own."""
    over = [due for due, what in turns if what is Turn.GIVE_UP and due.notification_id]
    for reason, is_nameless in ((NO_RECEIPT, False), (NOT_TRACKED, True)):
        notification_ids = {
            due.notification_id for due in over if due.notification_id and (due.message_id is None) is is_nameless
        }
        receipts.give_up(connection, notification_ids, reason, now=now)


def put_off(
    connection: Connection,
    turns: Iterable[tuple[Due, Turn]],
    still: frozenset[str],
    with_callbacks: frozenset[str],
    *,
    now: datetime,
) -> None:
    put = [due for due, what in turns if what is Turn.LATER]
    moments = {
        due.notification_id: later(
            due.accepted_at, is_still=due.account in still, has_callbacks=due.account in with_callbacks, now=now
        )
        for due in put
        if due.notification_id
    }
    receipts.reschedule(connection, moments)
    ended: Mapping[str, dict[str, datetime | None]] = defaultdict(dict)
    for due in put:
        if due.notification_id is None and due.message_id:
            ended[due.account][due.message_id] = next_follow_up(due.accepted_at, now=now)
    for account, dues in ended.items():
        follow_ups.plan(connection, account, dues)


def batches(wanted: Iterable[Due], configuration: Configuration, with_callbacks: frozenset[str]) -> Iterator[Batch]:
    messages: dict[str, dict[str, None]] = defaultdict(dict)
    for due in wanted:
        if due.message_id:
            messages[due.account][due.message_id] = None
    for account, dues in messages.items():
        ids = list(dues)
        for first in range(0, len(ids), IDS_AT_MOST):
            yield Batch(
                configuration.accounts[account],
                configuration.tokens[account],
                account in with_callbacks,
                ids[first : first + IDS_AT_MOST],
            )

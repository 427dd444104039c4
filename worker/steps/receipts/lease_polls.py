"""Which messages are asked for now: leased, those that need not be asked for put off, the rest in batches."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.core.accounts.account import Account
from worker.core.clock.timeouts import ASK_LEASE
from worker.core.receipts.polling import (
    CALLBACKS_ARE_FRESH,
    NO_RECEIPT,
    Turn,
    later,
    next_follow_up,
    turn_of,
)
from worker.steps.effects import Ended
from worker.steps.ends import given_up
from worker.store.accounts.configuration import Configuration, ConfigurationCache
from worker.store.db.postgres import Connection
from worker.store.receipts import callbacks, poll_queue
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
    measured: tuple[Ended, ...] = ()


def claim(cache: ConfigurationCache, limit: int, connection: Connection) -> Claimed:
    configuration, now = cache.look(connection)
    dues = poll_queue.lease(connection, limit=limit, leased_until=now + ASK_LEASE, now=now)
    accounts = {due.account for due in dues}
    with_callbacks = callbacks.with_recent_callbacks(connection, accounts, since=now - CALLBACKS_ARE_FRESH)
    # An account that was removed counts as paused: nobody has its token.
    still = poll_queue.still(connection) | (accounts - configuration.accounts.keys())
    turns = [(due, turn(due, still, with_callbacks, now=now)) for due in dues]
    over = {due.notification_id for due, what in turns if what is Turn.GIVE_UP}
    silent = given_up(connection, over, NO_RECEIPT, now=now)
    put_off = [due for due, what in turns if what is Turn.LATER]
    moments = {(due.account, due.message_id): later_for(due, still, with_callbacks, now=now) for due in put_off}
    poll_queue.plan(connection, moments)
    wanted = [due for due, what in turns if what is Turn.ASK]
    lag = max((now - due.ask_at for due in dues), default=timedelta())
    return Claimed(len(dues), lag, list(batches(wanted, configuration, with_callbacks)), silent)


def turn(due: Due, still: frozenset[str], with_callbacks: frozenset[str], *, now: datetime) -> Turn:
    is_still = due.account in still
    if not due.is_open:
        return Turn.LATER if is_still else Turn.ASK
    # Its callbacks do not show which channel lost it, or whether the other follows.
    has_callbacks = due.account in with_callbacks and not due.needs_details
    return turn_of(due.accepted_at, is_still=is_still, has_callbacks=has_callbacks, now=now)


def later_for(due: Due, still: frozenset[str], with_callbacks: frozenset[str], *, now: datetime) -> datetime | None:
    """When a message that is not asked for now is due again; None: never."""
    if not due.is_open:
        return next_follow_up(due.accepted_at, now=now)
    is_still, has_callbacks = due.account in still, due.account in with_callbacks
    return later(due.accepted_at, is_still=is_still, has_callbacks=has_callbacks, now=now)


def batches(wanted: Iterable[Due], configuration: Configuration, with_callbacks: frozenset[str]) -> Iterator[Batch]:
    messages: dict[str, dict[str, None]] = defaultdict(dict)
    for due in wanted:
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

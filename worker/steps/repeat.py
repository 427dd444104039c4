"""Attempts that were left behind: the same bytes under the same key, by whoever was given the lease."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date
from functools import partial

from worker.core.limit import Decision, Dropped, decide
from worker.core.settlement import Keep, Settle, before_repeat
from worker.steps.post import Held, Sender, post_all
from worker.steps.record import Alert, keep, settle
from worker.store import accounts, attempts, claims
from worker.store.attempts import Loaded, Stored
from worker.store.postgres import Connection, clock, committed

#: An attempt and the number of the lease it is handed over under.
HandedOver = tuple[date, str, int]


def repeat(sender: Sender, handed_over: Sequence[HandedOver]) -> int:
    """POST each attempt again if its lease is still ours and somebody still wants it; counts those settled."""
    held: list[Held] = []
    for one in handed_over:
        alerts: list[Alert] = []
        found = committed(sender.pool, partial(prepare, sender, one, alerts))
        for name, facts in alerts:
            sender.tell(name, facts)
        if found:
            held.append(found)
    return post_all(sender, held)


def prepare(sender: Sender, one: HandedOver, alerts: list[Alert], connection: Connection) -> Held | None:
    """Load one attempt for its next POST, or end it, or let it wait for the morning."""
    alerts.clear()
    month, key, lease = one
    loaded = attempts.load(connection, month, key, held=lease)
    if loaded is None or loaded.body is None or loaded.attempt.lease != lease:
        return None
    attempt, now = loaded.attempt, clock(connection)
    match before_repeat(attempt, decisions(sender, connection, loaded), now=now):
        case Settle() as settled:
            settle(connection, attempt, settled, alerts, now=now)
            return None
        case Keep() as kept:
            keep(connection, attempt, kept, alerts, now=now)
            return None
        case None:
            token = sender.seal.open(accounts.sealed_token(connection, attempt.account))
            left = (loaded.leased_until - now).total_seconds()
            return Held(stored(loaded, loaded.body), token, time.monotonic() + left)


def decisions(sender: Sender, connection: Connection, loaded: Loaded) -> list[Decision]:
    """What speaks against each row now; without its account nobody wants any."""
    configuration, now = sender.cache.look(connection)
    account = configuration.accounts.get(loaded.attempt.account)
    if account is None:
        return [Dropped("cancelled", "account_removed")]
    rows = claims.look(connection, (row.place for row in loaded.attempt.rows))
    return [decide(row, account, now=now) for row in rows]


def stored(loaded: Loaded, body: bytes) -> Stored:
    """The attempt as it was stored before its first POST."""
    attempt = loaded.attempt
    return Stored(
        month=attempt.month,
        key=attempt.key,
        lease=attempt.lease,
        leased_until=loaded.leased_until,
        body=body,
        places=tuple(row.place for row in attempt.rows),
        phones=tuple(row.phone.removeprefix("+") for row in attempt.rows),
        account=attempt.account,
    )

"""Attempts that were left behind: the same bytes under the same key, by whoever was given the lease."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from worker.core.settlement import abandoned
from worker.steps.post import Sender, post_all, settle
from worker.store import attempts
from worker.store.attempts import Stored
from worker.store.postgres import clock, transaction

Held = tuple[date, str, int]


def repeat(sender: Sender, held: Sequence[Held]) -> int:
    """POST each attempt again if its lease is still ours; the answer counts those settled."""
    return sum(repeat_one(sender, *one) for one in held)


def repeat_one(sender: Sender, month: date, key: str, lease: int) -> int:
    """One attempt: ended as unconfirmed when there is no sense in asking any more, POSTed otherwise."""
    with transaction(sender.pool) as connection:
        loaded = attempts.load(connection, month, key, held=lease)
        if loaded is None or loaded.body is None or loaded.attempt.lease != lease:
            return 0
        now = clock(connection)
        attempt = loaded.attempt
        end = abandoned(attempt, now=now)
        if end:
            settle(sender, connection, attempt, end, now=now)
            return 1
    stored = Stored(
        month=month,
        key=key,
        lease=lease,
        leased_until=loaded.leased_until,
        body=loaded.body,
        places=tuple(row.place for row in attempt.rows),
        phones=tuple(row.phone.removeprefix("+") for row in attempt.rows),
    )
    return post_all(sender, attempt.account, [stored])

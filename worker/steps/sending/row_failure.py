"""Rows that keep breaking before their POST: postponed and counted; the fifth time `failed`, with a dead letter."""

import hashlib
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from worker.core.clock.timeouts import TRY_WAIT
from worker.core.contract.inbound_message import POISON_AT
from worker.core.sending.nudge import NotificationId
from worker.steps.effects import Effect, Moved
from worker.steps.ends import buried, ended_by
from worker.steps.quarantine import Solitude
from worker.store import transitions
from worker.store.db.postgres import Connection, Pool, clock, transaction
from worker.store.ingest import dead_letters, suspect_messages
from worker.store.ingest.dead_letters import DeadLetter
from worker.store.sending import claims
from worker.store.sending.claims import WaitingRow
from worker.store.transitions import Move

TRIES_MAX = 5


def count_failure(pool: Pool, notification_id: NotificationId, error: Exception) -> tuple[Effect, ...]:
    story = "".join(traceback.format_tb(error.__traceback__))
    with transaction(pool) as connection:
        row = claims.waiting(connection, notification_id)
        if row is None:
            return ()
        now = clock(connection)
        if row.tries + 1 < TRIES_MAX:
            due_at = now + TRY_WAIT * 2**row.tries
            transitions.apply(
                connection,
                [Move(notification_id, row.state, "postponed", "failing", due_at, tries=1)],
                actor="send",
                now=now,
            )
            return (Moved(row.lane, "postponed", 1),)
        detail = f"{type(error).__name__} {TRIES_MAX} times before it could be sent; remove the cause, then replay."
        dead_letter = job_dead_letter(notification_id, row.account, "failing", detail, story)
        return fail(connection, notification_id, row, dead_letter, tries=1, now=now)


def run_alone(
    pool: Pool, solitude: Solitude, notification_id: NotificationId, act: Callable[[], object]
) -> tuple[Effect, ...]:
    """Run one row of a nudge that came back unsettled, counted before; the fifth time it is `failed`.

    A row that would have to wait for another suspect for long is left to the sweeper.
    """
    with solitude.kept() as is_alone:
        return run_counted(pool, notification_id, act) if is_alone else ()


def run_counted(pool: Pool, notification_id: NotificationId, act: Callable[[], object]) -> tuple[Effect, ...]:
    hash_ = hashlib.sha256(f"{notification_id[0]}/{notification_id[1]}".encode()).digest()
    with transaction(pool) as connection:
        now = clock(connection)
        row = claims.waiting(connection, notification_id)
        if row is None:
            suspect_messages.clear(connection, hash_)
            return ()
        if suspect_messages.count(connection, hash_, now=now) >= POISON_AT:
            suspect_messages.clear(connection, hash_)
            detail = f"The worker died {POISON_AT - 1} times while sending it; look before you replay it."
            dead_letter = job_dead_letter(notification_id, row.account, "poison", detail)
            return fail(connection, notification_id, row, dead_letter, now=now)
    try:
        act()
    except Exception:
        with suppress(Exception), transaction(pool) as connection:
            suspect_messages.take_back(connection, hash_)
        raise
    with transaction(pool) as connection:
        suspect_messages.clear(connection, hash_)
    return ()


def fail(
    connection: Connection,
    notification_id: NotificationId,
    row: WaitingRow,
    dead_letter: DeadLetter,
    *,
    tries: int = 0,
    now: datetime,
) -> tuple[Effect, ...]:
    move = Move(notification_id, row.state, "failed", dead_letter.reason, tries=tries)
    made = transitions.apply(connection, [move], actor="send", now=now)
    dead_letters.bury(connection, [dead_letter], now=now)
    [*ended] = ended_by(connection, [move], made)
    event = ended[0].event if ended else None
    return (Moved(row.lane, "failed", 1), *ended, replace(buried(dead_letter), event=event))


def job_dead_letter(
    notification_id: NotificationId, account: str, reason: str, detail: str, story: str | None = None
) -> DeadLetter:
    """Describe a notification as a dead letter; its body is its id, which never changes."""
    body = f"notification {notification_id[0]}/{notification_id[1]}".encode()
    return DeadLetter("job", reason, detail, body, account=account, notification=notification_id, traceback=story)

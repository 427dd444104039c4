"""What an answer means, written down: rows leave `sending` together, in the transaction that settles their attempt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from worker.core.notification import may_move
from worker.core.outcome import Answer, Paused
from worker.core.settlement import Attempt, Ignore, Keep, Settle, Verdict, late, settlement
from worker.store import attempts, moves, pauses
from worker.store.attempts import Stored
from worker.store.moves import Move
from worker.store.postgres import Connection, clock

Alert = tuple[str, dict[str, object]]


def record(stored: Stored, answer: Answer, alerts: list[Alert], connection: Connection) -> bool:
    """Write down one answer; True when the attempt is settled. `alerts` gets what is to be told after the commit."""
    alerts.clear()
    loaded = attempts.load(connection, stored.month, stored.key, held=stored.lease)
    if loaded is None:
        return False
    now = clock(connection)
    attempt = loaded.attempt
    if attempt.is_settled:
        write(connection, attempt, late(attempt, answer, now=now), alerts, now=now)
        return True
    match settlement(attempt, answer, now=now):
        case Settle() as settled:
            settle(connection, attempt, settled, alerts, now=now)
            return True
        case Keep() as kept:
            keep(connection, attempt, kept, alerts, now=now)
            return False
        case Ignore():
            return False


def settle(connection: Connection, attempt: Attempt, settled: Settle, alerts: list[Alert], *, now: datetime) -> None:
    """The attempt is over: its rows leave `sending` together."""
    write(connection, attempt, settled.verdicts, alerts, now=now)
    attempts.settle(connection, attempt, outcome=settled.outcome, code=settled.code, now=now)
    halt(connection, attempt, settled.pause, alerts, now=now)


def keep(connection: Connection, attempt: Attempt, kept: Keep, alerts: list[Alert], *, now: datetime) -> None:
    """The attempt waits for its next POST."""
    attempts.keep(connection, attempt, until=kept.until)
    halt(connection, attempt, kept.pause, alerts, now=now)
    facts: dict[str, object] = {"account": attempt.account, "attempt": attempt.key, "reason": kept.reason}
    alerts.append(("attempt.in_doubt", facts))


def write(
    connection: Connection, attempt: Attempt, verdicts: Sequence[Verdict], alerts: list[Alert], *, now: datetime
) -> None:
    """Move the rows and keep the provider's ids; a row that has left meanwhile stays where it is."""
    still_here = [item for item in verdicts if may_move(item.row.state, item.state)]
    wanted = [Move(item.row.place, item.row.state, item.state, item.reason, item.due_at) for item in still_here]
    moves.apply(connection, wanted, actor="record", now=now)
    if attempts.name(connection, attempt, verdicts, now=now):
        alerts.append(("message_id.repeated", {"account": attempt.account, "attempt": attempt.key}))


def halt(connection: Connection, attempt: Attempt, pause: Paused | None, alerts: list[Alert], *, now: datetime) -> None:
    """Pause the account where the answer asks for it, with one alert."""
    if pause and pauses.pause(
        connection, attempt.account, reason=pause.reason, code=pause.code, by="provider", now=now
    ):
        alerts.append(("account.paused", {"account": attempt.account, "reason": pause.reason, "code": pause.code}))

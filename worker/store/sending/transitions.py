"""Moves that were decided row by row: each asks the table of allowed moves and leaves the row that remembers it.

Statements that move whole sets at once (release, expire, cancel, revive, give up) write theirs beside their own UPDATE,
where it can be read that they start only from states that the table allows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from worker.core.sending.notification_states import may_move
from worker.core.sending.nudge import Place
from worker.store.db.postgres import NONE, Connection, as_rows

#: A row that is no longer in the state it was seen in stays as it is: somebody else was faster.
MOVED = """
wanted AS (
    SELECT *
    FROM json_to_recordset(%(transitions)s::json) AS r(
        month date, id bigint, before text, after text, reason text, due_at timestamptz,
        tries smallint, attempt_month date, attempt text
    )
),
moved AS (
    UPDATE notifications AS n
    SET
        state = w.after, reason = w.reason, due_at = w.due_at, nudges = 0,
        tries = CASE WHEN w.after = 'planned' THEN 0 ELSE n.tries + w.tries END,
        attempt_month = coalesce(w.attempt_month, n.attempt_month), attempt = coalesce(w.attempt, n.attempt)
    FROM wanted AS w
    WHERE n.month = w.month AND n.id = w.id AND n.state = w.before
    RETURNING n.month, n.id, n.trigger, w.before, w.after, w.reason, n.attempt, n.attempt_month
),
remembered AS (
    INSERT INTO transitions (month, notification, at, from_state, to_state, reason, actor, attempt)
    SELECT month, id, %(now)s, before, after, reason, %(actor)s, attempt FROM moved
    RETURNING month, notification
)
"""

MOVE = "WITH" + MOVED + "SELECT month, notification FROM remembered"  # noqa: S608 (both halves stand here)


@dataclass(frozen=True, slots=True)
class Move:
    """One row's way from the state it was seen in to another."""

    place: Place
    before: str
    after: str
    reason: str | None = None
    due_at: datetime | None = None
    tries: int = 0
    attempt: tuple[object, str] | None = None


def apply(connection: Connection, moves: Iterable[Move], *, actor: str, now: datetime) -> set[Place]:
    """Make these moves and tell which rows made them.

    Raises:
        ValueError: the table of moves does not allow one of them (a bug).
    """
    rows = as_rows(map(row, moves))
    if rows == NONE:
        return set()
    return {
        (moved[0], moved[1]) for moved in connection.execute(MOVE, {"transitions": rows, "actor": actor, "now": now})
    }


def row(move: Move) -> dict[str, object]:
    """The columns of one move."""
    if not may_move(move.before, move.after):
        raise ValueError(f"a notification cannot move from {move.before} to {move.after}")
    month, number = move.place
    attempt_month, attempt = move.attempt or (None, None)
    return {
        "month": month,
        "id": number,
        "before": move.before,
        "after": move.after,
        "reason": move.reason,
        "due_at": move.due_at,
        "tries": move.tries,
        "attempt_month": attempt_month,
        "attempt": attempt,
    }

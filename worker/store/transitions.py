"""The one door of a notification's state: whatever changes it asks the table of allowed moves and leaves a transition.

A statement that changes states selects its rows in a CTE `wanted` (month, id, before, after, reason, due_at) and goes
on with `changed`. What decides row by row makes `Move`s, and `apply` or a larger statement writes them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString, cast

import orjson

from worker.core.sending import notification_states
from worker.core.sending.notification_states import MOVES, may_move
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import NONE, Connection, as_rows

#: The table of allowed moves as PostgreSQL reads it; our own words, which hold no quotes.
ALLOWED = cast("LiteralString", orjson.dumps({before: sorted(after) for before, after in MOVES.items()}).decode())


def states(*names: str) -> LiteralString:
    """Name states in a statement."""
    return cast("LiteralString", ", ".join(f"'{name}'" for name in names))


#: As statements name them.
TO_SEND = states(*notification_states.TO_SEND)


def remembered(rows: LiteralString) -> LiteralString:
    """Insert the transitions of these rows (month, id, before, after, reason, attempt)."""
    return f"""
    INSERT INTO transitions (month, notification, at, from_state, to_state, reason, actor, attempt)
    SELECT month, id, %(now)s, before, after, reason, %(actor)s, attempt FROM {rows}
"""


def changed(also: LiteralString = "", *, is_locked: bool = False) -> LiteralString:
    """Change the rows of `wanted` that are still as they were seen, as far as the table allows, and remember it.

    `also` sets more columns. `is_locked`: `wanted` locks the rows, so that `before` is newer than what this statement
    sees.
    """
    unchanged: LiteralString = "" if is_locked else "AND n.state = w.before"
    return f"""
moved AS (
    UPDATE notifications AS n
    SET state = w.after, reason = w.reason, due_at = w.due_at{also}
    FROM wanted AS w
    WHERE
        n.month = w.month AND n.id = w.id {unchanged}
        AND '{ALLOWED}'::jsonb -> w.before ? w.after
    RETURNING n.month, n.id, n.lane, n.trigger, w.before, w.after, w.reason, n.attempt, n.attempt_month
),
remembered AS ({remembered("moved")} RETURNING month, notification)
"""


#: A row that is no longer in the state it was seen in stays as it is: somebody else was faster.
MOVED = """
wanted AS (
    SELECT *
    FROM json_to_recordset(%(transitions)s::json) AS r(
        month date, id bigint, before text, after text, reason text, due_at timestamptz,
        tries smallint, attempt_month date, attempt text
    )
),
""" + changed(
    """, nudges = 0,
        tries = CASE WHEN w.after = 'planned' THEN 0 ELSE n.tries + w.tries END,
        attempt_month = coalesce(w.attempt_month, n.attempt_month), attempt = coalesce(w.attempt, n.attempt)"""
)

MOVE = "WITH" + MOVED + "SELECT month, notification FROM remembered"


@dataclass(frozen=True, slots=True)
class Move:
    notification_id: NotificationId
    before: str
    after: str
    reason: str | None = None
    due_at: datetime | None = None
    tries: int = 0
    attempt: tuple[object, str] | None = None


def apply(connection: Connection, moves: Iterable[Move], *, actor: str, now: datetime) -> set[NotificationId]:
    """Make these moves and return the rows that made them.

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
    if not may_move(move.before, move.after):
        raise ValueError(f"a notification cannot move from {move.before} to {move.after}")
    month, number = move.notification_id
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

"""What the end of attempts writes, in one statement: the moves of their rows, the provider's ids, and the end itself.

Each of them alone would be as quick as its way to PostgreSQL and back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.core.clock.timeouts import RECEIPT_WAIT
from worker.core.sending.nudge import NotificationId
from worker.core.sending.settlement import Attempt, Verdict
from worker.store.db.postgres import NONE, Connection, as_rows
from worker.store.spending.daily_spending import REFUNDED
from worker.store.transitions import MOVED, Move, row

ENDED = """
named AS (
    INSERT INTO provider_messages (account, message_id, month, notification, attempt, accepted_at, ask_at)
    SELECT r.account, r.message_id, r.month, r.id, r.attempt, %(now)s, %(ask_at)s
    FROM json_to_recordset(%(names)s::json) AS r(account text, message_id text, month date, id bigint, attempt text)
    ON CONFLICT (account, message_id) DO NOTHING
    RETURNING month, notification, attempt
),
settled AS (
    UPDATE attempts AS a
    SET settled_at = %(now)s, outcome = r.outcome, code = r.code, body = NULL, post_until = NULL
    FROM json_to_recordset(%(ended)s::json) AS r(month date, key text, outcome text, code integer)
    WHERE a.month = r.month AND a.key = r.key AND a.body IS NOT NULL
),
well AS (
    UPDATE rate_limits
    SET failure_weight = CASE
        WHEN failure_weight / power(2, r.times - 1) < 0.5 THEN 0
        ELSE failure_weight / power(2, r.times)
    END
    FROM json_to_recordset(%(well)s::json) AS r(account text, times integer)
    WHERE rate_limits.account = r.account AND rate_limits.failure_weight > 0
)
SELECT month, notification, NULL AS attempt FROM remembered
UNION ALL
SELECT month, notification, attempt FROM named
UNION ALL
SELECT r.month, r.id, r.attempt
FROM json_to_recordset(%(names)s::json) AS r(
    account text, message_id text, month date, id bigint, attempt text, is_late boolean
)
INNER JOIN provider_messages AS p
    ON r.account = p.account AND p.message_id = CASE WHEN r.is_late THEN r.message_id END
WHERE p.month = r.month AND p.notification = r.id
"""

END = "WITH" + MOVED + "," + REFUNDED + ENDED


@dataclass(frozen=True, slots=True)
class End:
    """An attempt with its rows' verdicts; `outcome` is None where it was settled before."""

    attempt: Attempt
    verdicts: Sequence[Verdict]
    outcome: str | None = None
    code: int | None = None


#: A row's verdict with the attempt that it is of.
Named = tuple[Attempt, Verdict]


def end(
    connection: Connection, ends: Sequence[End], moves: Iterable[Move], well: Mapping[str, int], *, now: datetime
) -> tuple[set[NotificationId], list[Named]]:
    """Write it all; return the rows that moved, and what got an id that is another notification's already.

    `well` counts good answers by account: each halves the weight of what failed before; where nothing failed lately,
    nothing is written and nobody waits.
    """
    named = [
        (attempt_end.attempt, verdict) for attempt_end in ends for verdict in attempt_end.verdicts if verdict.message_id
    ]
    values = {
        "transitions": as_rows(map(row, moves)),
        "names": as_rows(name(attempt, verdict) for attempt, verdict in named),
        "ended": as_rows(ended(attempt_end) for attempt_end in ends if attempt_end.outcome is not None),
        "well": as_rows({"account": account, "times": times} for account, times in sorted(well.items())),
    }
    if set(values.values()) == {NONE}:
        return set(), []
    moments = {"now": now, "ask_at": now + RECEIPT_WAIT}
    rows = connection.execute(END, {**values, **moments, "actor": "record"}).fetchall()
    own = {(attempt, (month, number)) for month, number, attempt in rows}
    repeated = [
        (attempt, verdict) for attempt, verdict in named if (attempt.key, verdict.row.notification_id) not in own
    ]
    return {(month, number) for month, number, attempt in rows if not attempt}, repeated


def name(attempt: Attempt, verdict: Verdict) -> Mapping[str, object]:
    month, number = verdict.row.notification_id
    return {
        "account": attempt.account,
        "message_id": verdict.message_id,
        "month": month,
        "id": number,
        "attempt": attempt.key,
        "is_late": attempt.is_settled,
    }


def ended(attempt_end: End) -> Mapping[str, object]:
    return {
        "month": attempt_end.attempt.month,
        "key": attempt_end.attempt.key,
        "outcome": attempt_end.outcome,
        "code": attempt_end.code,
    }

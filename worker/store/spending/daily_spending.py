"""What each trigger has taken of an account's day: what claims took, less what TurboSMS refused for certain."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, LiteralString

from worker.core.spending.cost_estimate import Spent
from worker.store.db.postgres import Connection
from worker.store.spending.alerts import LAST_SUBJECTS

#: Those of a dead worker count for as long as one may take.
UNDER_WAY = "(SELECT count(DISTINCT post) FROM attempts WHERE account = w.account AND post_until > %(now)s)"

TODAY = """
(
SELECT json_agg(json_build_array(trigger, segments, cost::text))
FROM (
    SELECT
        trigger, sum(CASE WHEN is_refund THEN -segments ELSE segments END) AS segments,
        sum(CASE WHEN is_refund THEN -cost ELSE cost END) AS cost
    FROM spending
    WHERE account = w.account AND day = w.day
    GROUP BY trigger
) AS taken
)
"""

#: Of accounts `w` (account, day, has_budgets): POSTs under way and, where there are budgets, what was taken of the day
#: and the last alerts. Asked after the rate rows were locked and in a statement of its own: what others took before us
#: is seen, and nobody takes anything until our transaction ends.
UNDER_WAY_AND_TODAY: LiteralString = (
    f"{UNDER_WAY}, CASE WHEN w.has_budgets THEN {TODAY} END, CASE WHEN w.has_budgets THEN {LAST_SUBJECTS} END"
)

SPENT = """
spent AS (
    INSERT INTO spending AS known (account, day, trigger, is_refund, segments, cost)
    SELECT r.account, r.day, r.trigger, FALSE, r.segments, r.cost
    FROM json_to_recordset(%(spent)s::json) AS r(
        account text, day date, trigger text, segments integer, cost numeric
    )
    ORDER BY r.account, r.day, r.trigger
    ON CONFLICT (account, day, trigger, is_refund) DO UPDATE
    SET segments = known.segments + excluded.segments, cost = known.cost + excluded.cost
),
"""

#: Part of what the end of attempts writes: a row that leaves `sending` because nothing was created for it gives back
#: what it was counted as. One whose key was forgotten may have been created.
REFUNDED = """
refunded AS (
    INSERT INTO spending AS known (account, day, trigger, is_refund, segments, cost)
    SELECT a.account, a.spent_on, m.trigger, TRUE, sum(a.row_segments), sum(a.row_cost)
    FROM moved AS m
    INNER JOIN attempts AS a ON m.attempt_month = a.month AND m.attempt = a.key
    WHERE
        m.before = 'sending' AND a.spent_on IS NOT NULL
        AND (m.after = 'refused' OR (m.after = 'postponed' AND m.reason <> 'key_expired'))
    GROUP BY a.account, a.spent_on, m.trigger
    ORDER BY 1, 2, 3
    ON CONFLICT (account, day, trigger, is_refund) DO UPDATE
    SET segments = known.segments + excluded.segments, cost = known.cost + excluded.cost
),
"""

#: A budget was raised: what waits for it is looked at now, and not when the day is over.
WAKE = """
UPDATE notifications SET due_at = %(now)s
WHERE account = %(account)s AND reason = 'budget_spent' AND waits_until > %(now)s
"""


def read(columns: Sequence[Any]) -> tuple[int, dict[str, Spent], dict[str, str]]:
    under_way, taken, alerted = columns
    spent = {trigger: Spent(Decimal(cost), int(segments)) for trigger, segments, cost in taken or ()}
    return under_way, spent, alerted or {}


def columns(account: str, day: date | None, spent: Mapping[str, Spent]) -> list[dict[str, object]]:
    return [
        {"account": account, "day": day, "trigger": trigger, "segments": amount.segments, "cost": str(amount.cost)}
        for trigger, amount in spent.items()
    ]


def wake(connection: Connection, account: str, *, now: datetime) -> int:
    return connection.execute(WAKE, {"account": account, "now": now}).rowcount

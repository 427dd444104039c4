"""How much each trigger sends in an hour: its habit, by which a runaway is known. Hours are those of UTC."""

from dataclasses import dataclass
from datetime import datetime

from worker.store.db.postgres import Connection

# 336 hours and not 14 days: a day of the session's time zone may have 23 or 25 hours.

#: The statement does not see its own rows, and needs none: the busiest is one of the hours before.
COUNTED = """
counted AS (
    INSERT INTO hourly_volumes AS known (account, trigger, hour, sent)
    SELECT r.account, r.trigger, date_trunc('hour', %(now)s::timestamptz, 'UTC'), r.sent
    FROM json_to_recordset(%(counts)s::json) AS r(account text, trigger text, sent integer)
    ORDER BY r.account, r.trigger
    ON CONFLICT (account, trigger, hour) DO UPDATE SET sent = known.sent + excluded.sent
    RETURNING account, trigger, hour, sent
),
hours AS (
    SELECT c.account, c.trigger, c.sent, coalesce(max(v.sent), 0) AS busiest
    FROM counted AS c
    LEFT JOIN hourly_volumes AS v
        ON
            c.account = v.account AND c.trigger = v.trigger
            AND c.hour > v.hour AND c.hour - interval '336 hours' <= v.hour
    GROUP BY c.account, c.trigger, c.sent
)
"""

RESET_HOUR = """
UPDATE hourly_volumes SET sent = 0
WHERE account = %(account)s AND trigger = %(trigger)s AND hour = date_trunc('hour', %(now)s::timestamptz, 'UTC')
"""


@dataclass(frozen=True, slots=True)
class Hour:
    """What a trigger has sent in the running hour, and in the busiest one of the 14 days before it."""

    sent: int
    busiest: int


def reset_hour(connection: Connection, account: str, trigger: str, *, now: datetime) -> None:
    connection.execute(RESET_HOUR, {"account": account, "trigger": trigger, "now": now})

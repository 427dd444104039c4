"""What a claim writes, in one statement: the account's pace, attempts, the moves of its rows, contacts and counts.

Each of them alone would be as quick as its way to PostgreSQL and back.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from worker.core.sending.eligibility import Claimed
from worker.core.sending.frequency_cap import counts, text_hash
from worker.core.sending.nudge import NotificationId
from worker.core.sending.rate_limiter import Pace
from worker.core.spending.cost_estimate import Spent
from worker.store.db.postgres import NONE, Connection, as_bodies, as_rows
from worker.store.sending import rate_limiter
from worker.store.sending.attempts import Stored
from worker.store.sending.attempts import columns as attempt_columns
from worker.store.sending.hourly_volumes import COUNTED, Hour
from worker.store.spending.daily_spending import SPENT
from worker.store.spending.daily_spending import columns as spent_columns
from worker.store.transitions import MOVED, Move, row

#: A text that goes again counts from now. What a trigger sent is held against the hours before this one only, so
#: that the statement need not see its own rows.
DEPARTED = """,
paced AS (
    UPDATE rate_limits
    SET
        requests_at = r.requests_at, segments_at = r.segments_at, slowed_until = r.slowed_until,
        slowdown = r.slowdown, urgent_queue_end = r.urgent, normal_queue_end = r.normal, bulk_queue_end = r.bulk
    FROM json_to_recordset(%(paces)s::json) AS r(
        requests_at timestamptz, segments_at timestamptz, slowed_until timestamptz, slowdown real,
        urgent timestamptz, normal timestamptz, bulk timestamptz
    )
    WHERE rate_limits.account = %(account)s
),
stored AS (
    INSERT INTO attempts (
        month, key, account, lane, mode, post, row_months, row_ids, body, body_hash, created_at, key_expires_at,
        leased_until, post_until, is_probe, spent_on, row_segments, row_cost
    )
    SELECT
        r.month, r.key, r.account, r.lane, r.mode, r.post, r.row_months, r.row_ids, r.body,
        decode(r.body_hash, 'hex'), %(now)s, %(key_expires_at)s, r.leased_until, r.post_until, r.is_probe,
        r.spent_on, r.row_segments, r.row_cost
    FROM ROWS FROM (
        json_to_recordset(%(attempts)s::json) AS (
            month date, key text, account text, lane text, mode text, post text, row_months date [], row_ids bigint [],
            body_hash text, leased_until timestamptz, post_until timestamptz, is_probe boolean,
            spent_on date, row_segments smallint, row_cost numeric
        ),
        unnest(%(bodies)s::bytea [])
    ) AS r(
        month, key, account, lane, mode, post, row_months, row_ids, body_hash, leased_until, post_until, is_probe,
        spent_on, row_segments, row_cost, body
    )
),
contacted AS (
    INSERT INTO contact_log (account, recipient_key, month, notification, text_hash, at)
    SELECT %(account)s, decode(r.recipient_key, 'hex'), r.month, r.notification, decode(r.text_hash, 'hex'), %(now)s
    FROM json_to_recordset(%(contacts)s::json) AS r(recipient_key text, month date, notification bigint, text_hash text)
    ORDER BY 2, 3, 4
    ON CONFLICT (account, recipient_key, month, notification) DO UPDATE SET
        text_hash = excluded.text_hash,
        at = excluded.at
),
"""

DEPART = (
    "WITH"
    + MOVED
    + DEPARTED
    + SPENT
    + COUNTED
    + """
SELECT month, notification, NULL AS trigger, NULL AS sent, NULL AS busiest FROM remembered
UNION ALL
SELECT NULL, NULL, trigger, sent, busiest FROM hours
"""
)


@dataclass(frozen=True, slots=True)
class Leaving:
    """What one claim writes.

    Attributes:
        pace: None where nothing was reserved.
        going: rows that are sent now.
        spent: what each trigger spends of `day`.
    """

    moves: Sequence[Move] = ()
    attempts: Sequence[Stored] = ()
    going: Sequence[Claimed] = ()
    pace: Pace | None = None
    spent: Mapping[str, Spent] = field(default_factory=dict[str, Spent])
    day: date | None = None


def write(
    connection: Connection, account: str, leaving: Leaving, *, key_life: timedelta, now: datetime
) -> tuple[set[NotificationId], dict[str, Hour]]:
    """Write it all; return the rows that moved, and the hour of each trigger that sends."""
    going = Counter(claimed.trigger for claimed in leaving.going)
    values = {
        "transitions": as_rows(map(row, leaving.moves)),
        "attempts": as_rows(map(attempt_columns, leaving.attempts)),
        "contacts": as_rows(contact_row(claimed) for claimed in leaving.going if counts(claimed)),
        "counts": as_rows({"trigger": trigger, "sent": sent} for trigger, sent in going.items()),
        "spent": as_rows(spent_columns(leaving.spent)),
        "paces": as_rows(map(rate_limiter.columns, (leaving.pace,) if leaving.pace else ())),
    }
    if set(values.values()) == {NONE}:
        return set(), {}
    more = {
        "bodies": as_bodies(stored.body for stored in leaving.attempts),
        "account": account,
        "actor": "send",
        "key_expires_at": now + key_life,
        "now": now,
        "day": leaving.day,
    }
    rows = connection.execute(DEPART, {**values, **more}).fetchall()
    made = {(month, number) for month, number, trigger, _, _ in rows if trigger is None}
    return made, {trigger: Hour(sent, busiest) for _, _, trigger, sent, busiest in rows if trigger}


def contact_row(claimed: Claimed) -> dict[str, object]:
    month, number = claimed.notification_id
    return {
        "recipient_key": claimed.recipient_key,
        "month": month,
        "notification": number,
        "text_hash": text_hash(claimed.text, claimed.channel),
    }

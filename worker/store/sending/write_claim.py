"""What a claim writes, in one statement: accounts' pace, attempts, the moves of rows, contacts and counts.

Each of them alone would be as quick as its way to PostgreSQL and back.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import LiteralString

from psycopg.rows import TupleRow

from worker.core.sending.eligibility import Claimed
from worker.core.sending.frequency_cap import counts, text_hash
from worker.core.sending.nudge import NotificationId
from worker.core.sending.rate_limiter import Pace
from worker.core.spending.cost_estimate import Spent
from worker.store.db.postgres import NONE, Bodies, Connection, Rows, as_bodies, as_rows
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
        account text, requests_at timestamptz, segments_at timestamptz, slowed_until timestamptz, slowdown real,
        urgent timestamptz, normal timestamptz, bulk timestamptz
    )
    WHERE rate_limits.account = r.account
),
stored AS (
    INSERT INTO attempts (
        month, key, account, lane, mode, post, row_months, row_ids, body, body_hash, created_at, key_expires_at,
        leased_until, post_until, is_probe, spent_on, row_segments, row_cost
    )
    SELECT
        r.month, r.key, r.account, r.lane, r.mode, r.post, r.row_months, r.row_ids, r.body,
        decode(r.body_hash, 'hex'), %(now)s, r.key_expires_at, r.leased_until, r.post_until, r.is_probe,
        r.spent_on, r.row_segments, r.row_cost
    FROM ROWS FROM (
        json_to_recordset(%(attempts)s::json) AS (
            month date, key text, account text, lane text, mode text, post text, row_months date [], row_ids bigint [],
            body_hash text, key_expires_at timestamptz, leased_until timestamptz, post_until timestamptz,
            is_probe boolean, spent_on date, row_segments smallint, row_cost numeric
        ),
        unnest(%(bodies)s::bytea [])
    ) AS r(
        month, key, account, lane, mode, post, row_months, row_ids, body_hash, key_expires_at, leased_until, post_until,
        is_probe, spent_on, row_segments, row_cost, body
    )
),
contacted AS (
    INSERT INTO contact_log (account, recipient_key, month, notification, text_hash, at)
    SELECT r.account, decode(r.recipient_key, 'hex'), r.month, r.notification, decode(r.text_hash, 'hex'), %(now)s
    FROM json_to_recordset(%(contacts)s::json) AS r(
        account text, recipient_key text, month date, notification bigint, text_hash text
    )
    ORDER BY 1, 2, 3, 4
    ON CONFLICT (account, recipient_key, month, notification) DO UPDATE SET
        text_hash = excluded.text_hash,
        at = excluded.at
),
"""

#: The hours of what leaves, which the runaway guard looks at.
HOURS: LiteralString = "NULL AS month, NULL AS notification, account, trigger, sent, busiest FROM hours"

DEPART = (
    "WITH"
    + MOVED
    + DEPARTED
    + SPENT
    + COUNTED
    + """
SELECT month, notification, NULL AS account, NULL AS trigger, NULL AS sent, NULL AS busiest FROM remembered
UNION ALL
SELECT """
    + HOURS
)

#: By account and trigger.
Hours = Mapping[str, Mapping[str, Hour]]


@dataclass(frozen=True, slots=True)
class Leaving:
    """What leaves of one account.

    Attributes:
        going: rows that are sent now.
        pace: None where nothing was reserved.
        spent: what each trigger spends of `day`.
    """

    account: str
    day: date | None = None
    attempts: Sequence[Stored] = ()
    going: Sequence[Claimed] = ()
    pace: Pace | None = None
    spent: Mapping[str, Spent] = field(default_factory=dict[str, Spent])


def write(
    connection: Connection, moves: Sequence[Move], leaving: Sequence[Leaving], *, now: datetime
) -> tuple[set[NotificationId], Hours]:
    """Write it all; return the rows that moved, and the hour of each trigger that sends."""
    values = {"transitions": as_rows(map(row, moves)), **departing(leaving)}
    if set(values.values()) == {NONE}:
        return set(), {}
    rows = connection.execute(DEPART, {**values, **bodies_of(leaving), "actor": "send", "now": now}).fetchall()
    return {(row[0], row[1]) for row in rows if row[0] is not None}, hours_of(rows)


def departing(leaving: Sequence[Leaving]) -> dict[str, Rows]:
    """Rows for DEPARTED, SPENT and COUNTED."""
    return {
        "attempts": as_rows(attempt_columns(stored) for its in leaving for stored in its.attempts),
        "contacts": as_rows(
            contact_row(its.account, claimed) for its in leaving for claimed in its.going if counts(claimed)
        ),
        "counts": as_rows(count for its in leaving for count in counts_of(its)),
        "spent": as_rows(row for its in leaving for row in spent_columns(its.account, its.day, its.spent)),
        "paces": as_rows(
            {"account": its.account, **rate_limiter.columns(its.pace)} for its in leaving if its.pace is not None
        ),
    }


def bodies_of(leaving: Sequence[Leaving]) -> dict[str, Bodies]:
    return {"bodies": as_bodies(stored.body for its in leaving for stored in its.attempts)}


def counts_of(leaving: Leaving) -> Iterator[dict[str, object]]:
    for trigger, sent in Counter(claimed.trigger for claimed in leaving.going).items():
        yield {"account": leaving.account, "trigger": trigger, "sent": sent}


def hours_of(rows: Iterable[TupleRow]) -> Hours:
    hours: dict[str, dict[str, Hour]] = defaultdict(dict)
    for _, _, account, trigger, sent, busiest in rows:
        if account is not None:
            hours[account][trigger] = Hour(sent, busiest)
    return hours


def contact_row(account: str, claimed: Claimed) -> dict[str, object]:
    month, number = claimed.notification_id
    return {
        "account": account,
        "recipient_key": claimed.recipient_key,
        "month": month,
        "notification": number,
        "text_hash": text_hash(claimed.text, claimed.channel),
    }

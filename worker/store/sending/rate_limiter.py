"""The state of each account's pace; its row is the last that a claim locks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString

from worker.core.lanes import LANES
from worker.core.sending.rate_limiter import Pace, slowed
from worker.store.db.postgres import Connection, query_row

#: In the order that `pace_of` reads.
COLUMNS: LiteralString = (
    "requests_at, segments_at, slowed_until, slowdown, urgent_queue_end, normal_queue_end, bulk_queue_end"
)
LOCK = f"SELECT {COLUMNS} FROM rate_limits WHERE account = %(account)s FOR UPDATE"

BEGIN = "INSERT INTO rate_limits (account) VALUES (%(account)s) ON CONFLICT (account) DO NOTHING"

SAVE = """
UPDATE rate_limits
SET
    requests_at = %(requests_at)s, segments_at = %(segments_at)s, slowed_until = %(slowed_until)s,
    slowdown = %(slowdown)s, urgent_queue_end = %(urgent)s, normal_queue_end = %(normal)s, bulk_queue_end = %(bulk)s
WHERE account = %(account)s
"""

IS_LINE_EMPTY = """
SELECT NOT EXISTS (
    SELECT FROM notifications
    WHERE account = %(account)s AND lane = %(lane)s AND waits_for = 'pace'
)
"""

#: Failures of long ago do not count.
FAIL = """
UPDATE rate_limits
SET
    failure_weight = 1
        + CASE WHEN failed_at > %(now)s::timestamptz - interval '10 minutes' THEN failure_weight ELSE 0 END,
    failed_at = %(now)s
WHERE account = %(account)s
RETURNING failure_weight
"""


FORGIVE = "UPDATE rate_limits SET failure_weight = 0 WHERE account = %(account)s AND failure_weight > 0"


def lock(connection: Connection, account: str) -> Pace:
    row = connection.execute(LOCK, {"account": account}).fetchone()
    if row is None:
        connection.execute(BEGIN, {"account": account})
        row = query_row(connection, LOCK, {"account": account})
    return pace_of(row)


def pace_of(columns: Sequence[Any]) -> Pace:
    requests_at, segments_at, slowed_until, slowdown, *queue_ends = columns
    return Pace(requests_at, segments_at, slowed_until, slowdown, dict(zip(LANES, queue_ends, strict=True)))


def save(connection: Connection, account: str, pace: Pace) -> None:
    connection.execute(SAVE, {"account": account, **columns(pace)})


def columns(pace: Pace) -> dict[str, object]:
    return {
        "requests_at": pace.requests_at,
        "segments_at": pace.segments_at,
        "slowed_until": pace.slowed_until,
        "slowdown": pace.slowdown,
        **pace.lines,
    }


def is_line_empty(connection: Connection, account: str, lane: str) -> bool:
    """Whether no row waits in a lane's line, wherever it is noted to end."""
    return query_row(connection, IS_LINE_EMPTY, {"account": account, "lane": lane})[0]


def slow(connection: Connection, account: str, *, wait: timedelta, now: datetime) -> bool:
    """Slow an account down on every replica; True where this is news and not one of many alike complaints."""
    pace = lock(connection, account)
    after = slowed(pace, wait=wait, now=now)
    if after is pace:
        return False
    save(connection, account, after)
    return True


def fail(connection: Connection, account: str, *, now: datetime) -> float:
    """Count a provider failure of this account; return the weight of all lately."""
    row = connection.execute(FAIL, {"account": account, "now": now}).fetchone()
    if row is None:
        connection.execute(BEGIN, {"account": account})
        row = query_row(connection, FAIL, {"account": account, "now": now})
    return row[0]


def forgive(connection: Connection, account: str) -> None:
    connection.execute(FORGIVE, {"account": account})

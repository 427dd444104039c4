"""Attempts: exact bytes under a key, leased, repeated and settled, never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from worker.core.nudge import Place
from worker.core.settlement import Attempt, Row, Verdict
from worker.store.postgres import NONE, Connection, as_rows

INSERT = """
INSERT INTO attempts (
    month, key, account, lane, row_months, row_ids, body, body_hash, created_at, key_expires_at, leased_until
)
VALUES (
    %(month)s, %(key)s, %(account)s, %(lane)s, %(row_months)s, %(row_ids)s, %(body)s, %(body_hash)s,
    %(now)s, %(key_expires_at)s, %(leased_until)s
)
"""

#: Whoever takes over cannot know whether the one before POSTed: from here on the outcome is in doubt.
HAND_OVER = """
UPDATE attempts AS a
SET lease = a.lease + 1, leased_until = %(leased_until)s, unknown = TRUE
FROM (
    SELECT month, key
    FROM attempts
    WHERE
        settled_at IS NULL AND leased_until <= %(now)s AND lane = %(lane)s
        AND account NOT IN (SELECT account FROM pauses WHERE scope = 'account')
    ORDER BY leased_until
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
) AS left_behind
WHERE a.month = left_behind.month AND a.key = left_behind.key
RETURNING a.month, a.key, a.lease
"""

LOAD = """
SELECT account, body, lease, leased_until, unknown, key_expires_at, settled_at IS NOT NULL, row_months, row_ids
FROM attempts
WHERE month = %(month)s AND key = %(key)s
FOR UPDATE
"""

ROWS = """
SELECT n.month, n.id, n.phone, n.state, n.reason, n.expires_at
FROM unnest(%(months)s::date [], %(ids)s::bigint []) WITH ORDINALITY AS r(month, id, nth)
INNER JOIN notifications AS n ON r.month = n.month AND r.id = n.id
ORDER BY r.nth
"""

SETTLE = """
UPDATE attempts
SET settled_at = %(now)s, outcome = %(outcome)s, code = %(code)s, body = NULL
WHERE month = %(month)s AND key = %(key)s AND settled_at IS NULL
"""

KEEP = """
UPDATE attempts SET leased_until = %(until)s, unknown = TRUE
WHERE month = %(month)s AND key = %(key)s AND settled_at IS NULL
"""

NAME = """
INSERT INTO provider_messages (account, message_id, month, notification, attempt, accepted_at)
SELECT %(account)s, r.message_id, r.month, r.id, %(key)s, %(now)s
FROM json_to_recordset(%(rows)s::json) AS r(message_id text, month date, id bigint)
ON CONFLICT (account, message_id) DO NOTHING
RETURNING message_id
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """An attempt as it was written before its POST."""

    month: date
    key: str
    lease: int
    leased_until: datetime
    body: bytes
    places: tuple[Place, ...]
    phones: tuple[str, ...]
    account: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """An attempt whose lease ended, under its new lease."""

    month: date
    key: str
    lease: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """A locked attempt with what a POST needs."""

    attempt: Attempt
    body: bytes | None
    leased_until: datetime


def insert(connection: Connection, stored: Stored, *, key_life: timedelta, lane: str, now: datetime) -> None:
    """Keep the exact bytes before anybody sends them."""
    values = {
        "month": stored.month,
        "key": stored.key,
        "account": stored.account,
        "lane": lane,
        "row_months": [month for month, _ in stored.places],
        "row_ids": [number for _, number in stored.places],
        "body": stored.body,
        "body_hash": hashlib.sha256(stored.body).digest(),
        "now": now,
        "key_expires_at": now + key_life,
        "leased_until": stored.leased_until,
    }
    connection.execute(INSERT, values)


def hand_over(
    connection: Connection, lane: str, *, limit: int, leased_until: datetime, now: datetime
) -> list[HandedOver]:
    """Give attempts of a lane that were left behind, whole, to somebody else."""
    values = {"lane": lane, "limit": limit, "leased_until": leased_until, "now": now}
    return [HandedOver(row[0], row[1], row[2]) for row in connection.execute(HAND_OVER, values)]


def load(connection: Connection, month: date, key: str, *, held: int) -> Loaded | None:
    """Lock one attempt and its rows' facts, for whoever holds lease number `held`."""
    found = connection.execute(LOAD, {"month": month, "key": key}).fetchone()
    if found is None:
        return None
    account, body, lease, leased_until, unknown, key_expires_at, is_settled, months, ids = found
    rows = tuple(
        Row((row[0], row[1]), row[2], row[3], row[4], row[5])
        for row in connection.execute(ROWS, {"months": months, "ids": ids})
    )
    attempt = Attempt(month, key, account, rows, held, lease, unknown, key_expires_at, is_settled)
    return Loaded(attempt, body, leased_until)


def settle(connection: Connection, attempt: Attempt, *, outcome: str, code: int | None, now: datetime) -> None:
    """The attempt is over; its bytes are forgotten."""
    values = {"month": attempt.month, "key": attempt.key, "outcome": outcome, "code": code, "now": now}
    connection.execute(SETTLE, values)


def keep(connection: Connection, attempt: Attempt, *, until: datetime) -> None:
    """The attempt's outcome is in doubt; it waits for its next POST."""
    values = {"month": attempt.month, "key": attempt.key, "until": until}
    connection.execute(KEEP, values)


def name(connection: Connection, attempt: Attempt, verdicts: Iterable[Verdict], *, now: datetime) -> int:
    """Remember the provider's ids; the answer counts ids that speak of another notification already."""
    named = [verdict for verdict in verdicts if verdict.message_id]
    rows = as_rows(
        {"message_id": verdict.message_id, "month": verdict.row.place[0], "id": verdict.row.place[1]}
        for verdict in named
    )
    if rows == NONE:
        return 0
    values = {"account": attempt.account, "key": attempt.key, "rows": rows, "now": now}
    return len(named) - len(connection.execute(NAME, values).fetchall())

"""Attempts: exact bytes under a key, leased, repeated and settled, never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from worker.core.nudge import Place
from worker.core.settlement import Attempt, Row, Verdict
from worker.store.postgres import NONE, Connection, as_rows, one

INSERT = """
INSERT INTO attempts (
    month, key, account, lane, mode, post, row_months, row_ids, body, body_hash, created_at, key_expires_at,
    leased_until, post_until, is_probe
)
VALUES (
    %(month)s, %(key)s, %(account)s, %(lane)s, %(mode)s, %(post)s, %(row_months)s, %(row_ids)s, %(body)s,
    %(body_hash)s, %(now)s, %(key_expires_at)s, %(leased_until)s, %(post_until)s, %(is_probe)s
)
"""

#: Whoever takes over cannot know whether the one before POSTed: from here on the outcome is in doubt. Accounts that
#: stand still are left alone, but for attempts that are over anyway and for one where a probe is due.
HAND_OVER = """
WITH still AS (
    SELECT account, bool_and(coalesce(probe_at <= %(now)s, FALSE)) AS is_probed
    FROM pauses
    WHERE scope IN ('account', 'provider')
    GROUP BY account
),
left_behind AS (
    SELECT month, key
    FROM attempts
    WHERE
        settled_at IS NULL AND leased_until <= %(now)s AND lane = %(lane)s
        AND (key_expires_at <= %(now)s OR account NOT IN (SELECT account FROM still))
    ORDER BY leased_until
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
),
probes AS (
    SELECT p.month, p.key
    FROM still
    CROSS JOIN LATERAL (
        SELECT a.month, a.key
        FROM attempts AS a
        WHERE
            a.account = still.account AND a.lane = %(lane)s
            AND a.settled_at IS NULL AND a.leased_until <= %(now)s AND a.key_expires_at > %(now)s
        ORDER BY a.leased_until
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    ) AS p
    WHERE still.is_probed
)
UPDATE attempts AS a
SET lease = a.lease + 1, leased_until = %(leased_until)s, post_until = NULL, unknown = TRUE
FROM (SELECT month, key FROM left_behind UNION ALL SELECT month, key FROM probes) AS found
WHERE a.month = found.month AND a.key = found.key
RETURNING a.month, a.key, a.lease
"""

LOAD = """
SELECT
    account, body, lease, leased_until, unknown, key_expires_at, settled_at IS NOT NULL, row_months, row_ids,
    lane, mode, is_probe
FROM attempts
WHERE month = %(month)s AND key = %(key)s
FOR UPDATE
"""

UNDER_WAY = """
SELECT count(DISTINCT post) FROM attempts WHERE account = %(account)s AND post_until > %(now)s
"""

REPOST = """
UPDATE attempts SET post_until = %(post_until)s, is_probe = is_probe OR %(is_probe)s
WHERE month = %(month)s AND key = %(key)s
"""

ROWS = """
SELECT n.month, n.id, n.phone, n.state, n.reason, n.expires_at
FROM unnest(%(months)s::date [], %(ids)s::bigint []) WITH ORDINALITY AS r(month, id, nth)
INNER JOIN notifications AS n ON r.month = n.month AND r.id = n.id
ORDER BY r.nth
"""

SETTLE = """
UPDATE attempts
SET settled_at = %(now)s, outcome = %(outcome)s, code = %(code)s, body = NULL, post_until = NULL
WHERE month = %(month)s AND key = %(key)s AND settled_at IS NULL
"""

KEEP = """
UPDATE attempts SET leased_until = %(until)s, post_until = NULL, unknown = TRUE
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
    """An attempt as it was written before its POST.

    Attributes:
        mode: how it travels: in a `send` of its own, or as one item of a `sendmulti`.
        post: the name of the POST it travels in; the key of the first attempt in it.
        post_until: as long as this lies ahead, the POST may be under way.
        is_probe: it goes alone, to see whether its account may send again.
    """

    month: date
    key: str
    lease: int
    leased_until: datetime
    body: bytes
    places: tuple[Place, ...]
    phones: tuple[str, ...]
    account: str
    lane: str
    mode: str
    post: str
    post_until: datetime
    is_probe: bool


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
    lane: str
    mode: str


def insert(connection: Connection, stored: Iterable[Stored], *, key_life: timedelta, now: datetime) -> None:
    """Keep the exact bytes before anybody sends them."""
    with connection.cursor() as cursor:
        cursor.executemany(INSERT, [columns(item, key_life=key_life, now=now) for item in stored])


def columns(stored: Stored, *, key_life: timedelta, now: datetime) -> dict[str, object]:
    """An attempt as columns of the table."""
    return {
        "month": stored.month,
        "key": stored.key,
        "account": stored.account,
        "lane": stored.lane,
        "mode": stored.mode,
        "post": stored.post,
        "row_months": [month for month, _ in stored.places],
        "row_ids": [number for _, number in stored.places],
        "body": stored.body,
        "body_hash": hashlib.sha256(stored.body).digest(),
        "now": now,
        "key_expires_at": now + key_life,
        "leased_until": stored.leased_until,
        "post_until": stored.post_until,
        "is_probe": stored.is_probe,
    }


def under_way(connection: Connection, account: str, *, now: datetime) -> int:
    """How many POSTs of an account may be under way; those of a worker that died are for as long as one may take."""
    return one(connection, UNDER_WAY, {"account": account, "now": now})[0]


def repost(connection: Connection, attempt: Attempt, *, post_until: datetime, is_probe: bool) -> None:
    """The same bytes are about to go once more."""
    values = {"month": attempt.month, "key": attempt.key, "post_until": post_until, "is_probe": is_probe}
    connection.execute(REPOST, values)


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
    account, body, lease, leased_until, unknown, key_expires_at, is_settled, months, ids, lane, mode, is_probe = found
    rows = tuple(
        Row((row[0], row[1]), row[2], row[3], row[4], row[5])
        for row in connection.execute(ROWS, {"months": months, "ids": ids})
    )
    attempt = Attempt(month, key, account, rows, held, lease, unknown, key_expires_at, is_settled, is_probe)
    return Loaded(attempt, body, leased_until, lane, mode)


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

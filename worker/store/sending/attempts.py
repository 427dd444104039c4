"""Attempts: exact bytes under a key, leased, repeated and settled, never changed."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import psycopg
from psycopg.rows import TupleRow

from worker.core.sending.nudge import NotificationId
from worker.core.sending.settlement import Attempt, Row
from worker.core.spending.cost_estimate import Spent
from worker.store.db.postgres import Connection, query_row
from worker.store.sending.pauses import held_by_hand

#: Whoever takes over cannot know whether the one before POSTed: from here on the outcome is in doubt. Accounts that
#: are paused are left alone, but for attempts that are over anyway and for one where a probe is due.
HAND_OVER = f"""
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
        AND (
            key_expires_at <= %(now)s
            OR (account NOT IN (SELECT account FROM still) AND NOT {held_by_hand("attempts.account")})
        )
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
    WHERE still.is_probed AND NOT {held_by_hand("still.account")}
)
UPDATE attempts AS a
SET lease = a.lease + 1, leased_until = %(leased_until)s, post_until = NULL, unknown = TRUE
FROM (SELECT month, key FROM left_behind UNION ALL SELECT month, key FROM probes) AS h
WHERE a.month = h.month AND a.key = h.key
RETURNING a.month, a.key, a.lease
"""

#: Looked up one after another, so that all lock in the order of the keys given; OFFSET 0 keeps PostgreSQL from taking
#: the month for a filter and walking through all of it.
LOAD = """
SELECT
    a.key, a.account, CASE WHEN %(goes)s THEN a.body END, a.lease,
    a.leased_until, a.unknown, a.key_expires_at, a.settled_at IS NOT NULL, a.lane, a.mode, a.is_probe
FROM (SELECT %(month)s::date AS month, key FROM unnest(string_to_array(%(keys)s, ',')) AS key OFFSET 0) AS r
INNER JOIN attempts AS a ON r.month = a.month AND r.key = a.key
FOR UPDATE OF a
"""


ALL_UNDER_WAY = """
SELECT count(DISTINCT post) FROM attempts
WHERE post_until > %(now)s AND (%(account)s::text IS NULL OR account = %(account)s)
"""

#: Without those that wait to be repeated. No account is named, and the index begins with one: it is small, for what is
#: settled is not in it.
UNDER_WAY = """
SELECT count(*)
FROM (SELECT FROM attempts WHERE settled_at IS NULL AND post_until > clock_timestamp() LIMIT %(most)s) AS a
"""

#: An item of a `sendmulti` is repeated alone: a POST of its own.
REPOST = """
UPDATE attempts SET post = key, post_until = %(post_until)s, is_probe = is_probe OR %(is_probe)s
WHERE month = %(month)s AND key = %(key)s
"""

#: Asked after the attempts were locked, so that nothing is seen as it was before.
ROWS = """
SELECT
    a.key, n.month, n.id, n.phone, n.state, n.reason, n.expires_at, n.channel, n.trigger, e.event_id, clock_timestamp()
FROM (SELECT %(month)s::date AS month, key FROM unnest(string_to_array(%(keys)s, ',')) AS key OFFSET 0) AS r
INNER JOIN attempts AS a ON r.month = a.month AND r.key = a.key
CROSS JOIN LATERAL unnest(a.row_months, a.row_ids) WITH ORDINALITY AS p(month, id, nth)
INNER JOIN notifications AS n ON p.month = n.month AND p.id = n.id
LEFT JOIN events AS e ON n.event_month = e.month AND n.event = e.id
ORDER BY a.key, p.nth
"""

KEEP = """
UPDATE attempts SET leased_until = %(until)s, post_until = NULL, unknown = TRUE
WHERE month = %(month)s AND key = %(key)s AND settled_at IS NULL
"""

LEAVE = """
UPDATE attempts SET leased_until = %(until)s
WHERE month = %(month)s AND key = %(key)s AND settled_at IS NULL
"""


#: Heads and rows of attempts, as they are asked for.
Answers = tuple[psycopg.Cursor[TupleRow], psycopg.Cursor[TupleRow]]
#: An attempt and the number of the lease that it is handed over under.
HandedOver = tuple[date, str, int]


@dataclass(frozen=True, slots=True)
class Stored:
    """An attempt as it was written before its POST.

    Attributes:
        mode: a `send` of its own, or one item of a `sendmulti`.
        post: the key of the first attempt in its POST.
        post_until: until when the POST may be under way.
        is_probe: it goes alone, to see whether its account may send again.
        spent_on: the account's day that it is charged to.
        row_spent: what each of its rows is charged.
    """

    month: date
    key: str
    lease: int
    leased_until: datetime
    body: bytes
    notification_ids: tuple[NotificationId, ...]
    phones: tuple[str, ...]
    account: str
    lane: str
    mode: str
    post: str
    post_until: datetime
    is_probe: bool
    key_expires_at: datetime
    trigger: str
    channel: str
    spent_on: date | None = None
    row_spent: Spent = field(default_factory=Spent)


@dataclass(frozen=True, slots=True)
class Loaded:
    attempt: Attempt
    now: datetime
    body: bytes | None
    leased_until: datetime
    lane: str
    mode: str


def columns(stored: Stored) -> dict[str, object]:
    return {
        "month": stored.month,
        "key": stored.key,
        "account": stored.account,
        "lane": stored.lane,
        "mode": stored.mode,
        "post": stored.post,
        "row_months": [month for month, _ in stored.notification_ids],
        "row_ids": [number for _, number in stored.notification_ids],
        "body_hash": hashlib.sha256(stored.body).digest(),
        "key_expires_at": stored.key_expires_at,
        "leased_until": stored.leased_until,
        "post_until": stored.post_until,
        "is_probe": stored.is_probe,
        "spent_on": stored.spent_on,
        "row_segments": stored.row_spent.segments,
        "row_cost": str(stored.row_spent.cost),
    }


def all_under_way(connection: Connection, account: str | None, *, now: datetime) -> int:
    """Count the POSTs that may be under way, of an account or of all."""
    return query_row(connection, ALL_UNDER_WAY, {"account": account, "now": now})[0]


def under_way(connection: Connection, *, most: int) -> int:
    """Count attempts whose POST may be under way, as far as it matters."""
    return query_row(connection, UNDER_WAY, {"most": most})[0]


def repost(connection: Connection, attempt: Attempt, *, post_until: datetime, is_probe: bool) -> None:
    values = {"month": attempt.month, "key": attempt.key, "post_until": post_until, "is_probe": is_probe}
    connection.execute(REPOST, values)


def hand_over(
    connection: Connection, lane: str, *, limit: int, leased_until: datetime, now: datetime
) -> list[HandedOver]:
    """Hand abandoned attempts of a lane over, whole, under new leases."""
    values = {"lane": lane, "limit": limit, "leased_until": leased_until, "now": now}
    return [(month, key, lease) for month, key, lease in connection.execute(HAND_OVER, values)]


def load(connection: Connection, month: date, leases: Mapping[str, int]) -> list[Loaded]:
    """Lock attempts of one month and read them with rows and bodies, for who holds these leases (a number by key)."""
    return read(ask(connection, month, leases, goes=True), month, leases)


def ask(connection: Connection, month: date, leases: Iterable[str], *, goes: bool = False) -> Answers:
    """As `load`, for whoever asks in one way with other things; `read` reads the answers.

    Bodies are read only if they are to go again.
    """
    # Keys are hex digits: one text of them is made far quicker than an array.
    asked = {"month": month, "keys": ",".join(sorted(leases))}
    heads = connection.execute(LOAD, {**asked, "goes": goes}, binary=True)
    return heads, connection.execute(ROWS, asked, binary=True)


def read(answers: Answers, month: date, leases: Mapping[str, int]) -> list[Loaded]:
    heads, details = answers
    rows: dict[str, list[Row]] = defaultdict(list)
    moments: list[datetime] = []
    for key, own_month, number, *facts, now in details:
        rows[key].append(Row((own_month, number), *facts))
        moments.append(now)
    return [loaded(month, row, rows[row[0]], held=leases[row[0]], now=max(moments)) for row in heads]


def loaded(month: date, row: TupleRow, rows: Iterable[Row], *, held: int, now: datetime) -> Loaded:
    key, account, body, lease, leased_until, unknown, key_expires_at, is_settled, lane, mode, is_probe = row
    attempt = Attempt(month, key, account, tuple(rows), held, lease, unknown, key_expires_at, is_settled, is_probe)
    return Loaded(attempt, now, body, leased_until, lane, mode)


def keep(connection: Connection, attempt: Attempt, *, until: datetime) -> None:
    """Keep an attempt of unknown outcome for its next POST."""
    values = {"month": attempt.month, "key": attempt.key, "until": until}
    connection.execute(KEEP, values)


def leave(connection: Connection, attempt: Attempt, *, until: datetime) -> None:
    """End the lease at this moment; nothing else changes."""
    connection.execute(LEAVE, {"month": attempt.month, "key": attempt.key, "until": until})

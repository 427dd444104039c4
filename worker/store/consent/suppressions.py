"""The stop-list: who is not written to, why, since when and by whose word; and what waits for them is taken back."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from worker.core.lanes import LANES
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, as_notification_ids, as_rows, columns_of, query_row
from worker.store.transitions import changed

#: A wider scope takes the place of a narrower one, never the other way round. A phone that was erased is known again.
ADD = """
INSERT INTO suppressions AS known (account, recipient_key, reason, source, since, scope, phone, added_by)
SELECT
    %(account)s, decode(r.recipient_key, 'hex'), r.reason, r.source, coalesce(r.since, %(now)s), r.scope, r.phone,
    r.added_by
FROM json_to_recordset(%(rows)s::json) AS r(
    recipient_key text, reason text, source text, since timestamptz, scope text, phone text, added_by text
)
ORDER BY 2
ON CONFLICT (account, recipient_key) DO UPDATE SET
    reason = excluded.reason,
    source = excluded.source,
    since = excluded.since,
    scope = excluded.scope,
    phone = excluded.phone,
    added_by = excluded.added_by
WHERE known.scope = 'marketing' AND excluded.scope = 'all'
-- A row that was there has been locked.
RETURNING recipient_key, xmax <> 0
"""

#: TurboSMS refuses everything to such a phone.
ADD_REFUSED = """
INSERT INTO suppressions AS known (account, recipient_key, reason, source, since, scope, phone)
SELECT DISTINCT n.account, n.recipient_key, %(reason)s, 'provider', %(now)s::timestamptz, 'all', n.phone
FROM json_to_recordset(%(notification_ids)s::json) AS p(month date, id bigint)
INNER JOIN notifications AS n ON p.month = n.month AND p.id = n.id
ORDER BY 1, 2
ON CONFLICT (account, recipient_key) DO UPDATE SET
    reason = excluded.reason, source = excluded.source, since = excluded.since, scope = 'all', phone = excluded.phone,
    added_by = NULL
WHERE known.scope = 'marketing'
RETURNING account, recipient_key
"""

REMOVE = """
DELETE FROM suppressions
WHERE account = %(account)s AND recipient_key = decode(%(recipient_key)s, 'hex')
"""

ERASE = """
UPDATE suppressions SET phone = NULL
WHERE account = %(account)s AND recipient_key = decode(%(recipient_key)s, 'hex') AND phone IS NOT NULL
"""

LIST = """
SELECT phone, scope, reason, source, since, added_by
FROM suppressions
WHERE
    account = %(account)s
    AND (%(recipient_key)s::text IS NULL OR recipient_key = decode(%(recipient_key)s, 'hex'))
ORDER BY since DESC, recipient_key
LIMIT %(limit)s
"""

PAGE = """
SELECT since, recipient_key, phone, scope, reason, source, since, added_by
FROM suppressions
WHERE
    account = %(account)s
    AND since <= coalesce(%(since)s::timestamptz, 'infinity')
    AND (
        %(since)s::timestamptz IS NULL
        OR since < %(since)s OR (since = %(since)s AND recipient_key > decode(%(recipient_key)s, 'hex'))
    )
ORDER BY since DESC, recipient_key
LIMIT %(limit)s
"""

COUNT = """
SELECT count(*), count(*) FILTER (WHERE scope = 'marketing') FROM suppressions WHERE account = %(account)s
"""

#: Among these people, or all on the list. Whoever claims a row just now holds it, and has seen the list or sends it.
CANCEL = (
    """
WITH wanted AS (
    SELECT n.month, n.id, n.state AS before, 'cancelled' AS after, 'suppressed' AS reason, NULL::timestamptz AS due_at
    FROM notifications AS n
    WHERE
        n.lane = ANY(%(lanes)s) AND n.account = %(account)s
        AND n.waits_until IS NOT NULL
        AND (%(keys)s::bytea [] IS NULL OR n.recipient_key = ANY(%(keys)s::bytea []))
        AND EXISTS (
            SELECT FROM suppressions AS s
            WHERE
                s.account = n.account AND s.recipient_key = n.recipient_key
                AND (s.scope = 'all' OR n.message_class = 'marketing')
        )
    FOR UPDATE SKIP LOCKED
),
"""
    + changed(", nudges = 0", is_locked=True)
    + "SELECT month, notification FROM remembered"
)

#: The provider has them, or nobody knows yet.
ON_THE_WAY = """
SELECT count(*)
FROM attempts AS a
CROSS JOIN LATERAL unnest(a.row_months, a.row_ids) AS p(month, id)
INNER JOIN notifications AS n ON p.month = n.month AND p.id = n.id
INNER JOIN suppressions AS s ON n.account = s.account AND n.recipient_key = s.recipient_key
WHERE
    a.settled_at IS NULL AND a.account = %(account)s AND n.state = 'sending'
    AND (s.scope = 'all' OR n.message_class = 'marketing')
    AND (%(keys)s::bytea [] IS NULL OR n.recipient_key = ANY(%(keys)s::bytea []))
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A phone for the list; without `since` it is listed from now on."""

    recipient_key: bytes
    phone: str
    scope: str
    reason: str
    source: str
    added_by: str | None = None
    since: datetime | None = None


COLUMNS = columns_of("recipient_key", "phone", "scope", "reason", "source", "added_by", "since")


@dataclass(frozen=True, slots=True)
class SuppressionSummary:
    """An entry of the list; `phone` is None where it was erased."""

    phone: str | None
    scope: str
    reason: str
    source: str
    since: datetime
    added_by: str | None


class Position(NamedTuple):
    """Where an entry stands in the list."""

    since: datetime
    recipient_key: bytes


def add(connection: Connection, account: str, entries: Iterable[Entry], *, now: datetime) -> dict[bytes, bool]:
    """Add phones, each named once; return the new ones, and as True those widened from a narrower scope."""
    values = {"account": account, "rows": as_rows(map(COLUMNS, entries)), "now": now}
    return {bytes(key): is_widened for key, is_widened in connection.execute(ADD, values)}


def add_refused(
    connection: Connection, notification_ids: Iterable[NotificationId], *, reason: str, now: datetime
) -> list[NotificationId]:
    """Suppress the people of these rows on the provider's refusal, and cancel what waits for them; return that."""
    values = {"notification_ids": as_notification_ids(notification_ids), "reason": reason, "now": now}
    by_account: dict[str, list[bytes]] = defaultdict(list)
    for account, key in connection.execute(ADD_REFUSED, values):
        by_account[account].append(bytes(key))
    return [
        notification_id
        for account, keys in by_account.items()
        for notification_id in cancel(connection, account, keys, actor="provider", now=now)
    ]


def remove(connection: Connection, account: str, recipient_key: bytes) -> bool:
    return connection.execute(REMOVE, {"account": account, "recipient_key": recipient_key.hex()}).rowcount == 1


def erase(connection: Connection, account: str, recipient_key: bytes) -> bool:
    """Erase a phone; it stays suppressed, and cannot be exported. False if there was none."""
    return connection.execute(ERASE, {"account": account, "recipient_key": recipient_key.hex()}).rowcount == 1


def list_suppressions(
    connection: Connection, account: str, *, recipient_key: bytes | None = None, limit: int | None = None
) -> list[SuppressionSummary]:
    key = recipient_key and recipient_key.hex()
    return [
        SuppressionSummary(*row)
        for row in connection.execute(LIST, {"account": account, "recipient_key": key, "limit": limit})
    ]


def page(
    connection: Connection, account: str, *, after: Position | None, limit: int
) -> list[tuple[Position, SuppressionSummary]]:
    """List entries, the newest first, from where a page ended on."""
    since, key = (after.since, after.recipient_key.hex()) if after else (None, None)
    rows = connection.execute(PAGE, {"account": account, "since": since, "recipient_key": key, "limit": limit})
    return [(Position(row[0], bytes(row[1])), SuppressionSummary(*row[2:])) for row in rows]


def count(connection: Connection, account: str) -> tuple[int, int]:
    """Count an account's suppressed phones, and those suppressed for advertising alone."""
    row = query_row(connection, COUNT, {"account": account})
    return row[0], row[1]


def cancel(
    connection: Connection, account: str, keys: Collection[bytes] | None = None, *, actor: str, now: datetime
) -> list[NotificationId]:
    """Cancel what waits for these people, or for anybody on an account's list; return what that was."""
    values = {"account": account, "keys": None if keys is None else list(keys), "actor": actor, "now": now}
    return [(month, number) for month, number in connection.execute(CANCEL, {**values, "lanes": list(LANES)})]


def on_the_way(connection: Connection, account: str, keys: Collection[bytes] | None = None) -> int:
    """Count texts to these people, or to anybody on the list, that nobody can stop any more."""
    return query_row(connection, ON_THE_WAY, {"account": account, "keys": None if keys is None else list(keys)})[0]

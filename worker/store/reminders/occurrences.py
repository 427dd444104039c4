"""Occurrences: reminders that are due, each once, with the exact event that is published."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from worker.core.reminders.calendar_entry import Entry
from worker.core.reminders.reminder_event import Emission
from worker.store.db.postgres import Connection, columns_of
from worker.store.reminders.calendar_entries import ENTRY_COLUMNS, entry_of_row

#: Those that wait, and what became of others since.
COUNTED = """
SELECT state, count(*)
FROM occurrences
WHERE state = 'pending' OR settled_at > %(since)s
GROUP BY state
"""

LIST = """
SELECT
    due_at, account, rule, record_id, offset_minutes, slot, state, reason, created_at, published_at, expires_at,
    event_id
FROM occurrences
WHERE account = coalesce(%(account)s, account) AND state = coalesce(%(state)s, state)
ORDER BY id DESC
LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class OccurrenceSummary:
    due_at: datetime
    account: str
    rule: str
    record_id: str
    offset_minutes: int
    slot: str
    state: str
    reason: str | None
    created_at: datetime
    published_at: datetime | None
    expires_at: datetime
    event_id: str


def counted(connection: Connection, *, since: datetime) -> dict[str, int]:
    return dict(connection.execute(COUNTED, {"since": since}).fetchall())


def list_occurrences(
    connection: Connection, *, account: str | None, state: str | None, limit: int
) -> list[OccurrenceSummary]:
    values = {"account": account, "state": state, "limit": limit}
    return [OccurrenceSummary(*row) for row in connection.execute(LIST, values)]


#: An occurrence among the columns of its timer; all null where the timer emits none.
OCCURRENCE_COLUMNS = """
    offset_minutes integer, slot text, version bigint, changed_at timestamptz, event_id text, routing_key text,
    body text, rank smallint, state text, reason text, due_at timestamptz, expires_at timestamptz
"""
#: What timers that moved on emit, behind their statement. One that was taken back before it was leased may be emitted
#: after all; one that was leased, which may have been published, comes back with the bytes it had.
EMITTED = """
)
INSERT INTO occurrences AS known (
    account, rule, record_kind, record_id, moment, offset_minutes, slot, version, changed_at, event_id, routing_key,
    body,
    rank, state, reason, due_at, expires_at, created_at, settled_at
)
SELECT
    r.account, r.rule, r.record_kind, r.record_id, r.moment, r.offset_minutes, r.slot, r.version, r.changed_at,
    r.event_id,
    r.routing_key, convert_to(r.body, 'UTF8'), r.rank, r.state, r.reason, r.due_at, r.expires_at, %(now)s,
    CASE WHEN r.state <> 'pending' THEN %(now)s::timestamptz END
FROM advanced AS r
WHERE r.event_id IS NOT NULL
ORDER BY r.account, r.rule, r.record_kind, r.record_id, r.offset_minutes, r.slot
ON CONFLICT ON CONSTRAINT occurrence_happens_once DO UPDATE SET
    state = excluded.state, reason = excluded.reason, due_at = excluded.due_at, expires_at = excluded.expires_at,
    version = excluded.version, changed_at = excluded.changed_at, settled_at = excluded.settled_at,
    event_id = CASE WHEN known.leased_until = 'epoch' THEN excluded.event_id ELSE known.event_id END,
    body = CASE WHEN known.leased_until = 'epoch' THEN excluded.body ELSE known.body END
WHERE known.state = 'cancelled'
RETURNING state
"""

#: The urgent ones come first, so that no crowd hides them.
WAITING = """
SELECT record_kind, count(*)
FROM (SELECT record_kind FROM occurrences WHERE state = 'pending' ORDER BY rank, due_at, id LIMIT 1000) AS w
GROUP BY 1
"""

#: With the entry as it is now; without one it was deleted.
TAKE = f"""
WITH waiting AS (
    SELECT id, leased_until > 'epoch' AS was_in_hand
    FROM occurrences
    WHERE state = 'pending' AND leased_until <= %(now)s AND (record_kind = ANY(%(kinds)s)) = %(is_urgent)s
    ORDER BY rank, due_at, id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
),
taken AS (
    UPDATE occurrences AS o SET leased_until = %(until)s
    FROM waiting AS w
    WHERE o.id = w.id
    RETURNING
        o.id, o.account, o.rule, o.record_kind, o.record_id, o.moment, o.offset_minutes, o.slot, o.changed_at,
        o.routing_key,
        o.body, o.rank, o.due_at, o.expires_at, w.was_in_hand
)
SELECT
    t.id, t.rule, t.offset_minutes, t.slot, t.changed_at, t.routing_key, t.body, t.due_at, t.expires_at, t.was_in_hand,
    {ENTRY_COLUMNS}
FROM taken AS t
LEFT JOIN calendar AS c
    ON t.account = c.account AND t.record_kind = c.record_kind AND t.record_id = c.record_id AND t.moment = c.moment
ORDER BY t.rank, t.due_at, t.id
"""

#: What RabbitMQ confirmed is published, whatever was thought of it meanwhile.
MARK = """
UPDATE occurrences SET state = 'published', reason = NULL, published_at = %(now)s, settled_at = %(now)s
WHERE id = ANY(%(ids)s) AND state <> 'published'
"""

#: What nobody had in hand but to end it here was certainly not published.
SETTLE = """
UPDATE occurrences AS o SET
    state = r.state, reason = r.reason, settled_at = %(now)s,
    leased_until = CASE WHEN o.id = ANY(%(untouched)s) THEN 'epoch' ELSE o.leased_until END
FROM unnest(%(ids)s::bigint [], %(states)s::text [], %(reasons)s::text []) AS r(id, state, reason)
WHERE o.id = r.id AND o.state = 'pending'
"""


@dataclass(frozen=True, slots=True)
class Pending:
    """A leased occurrence and its entry, None where that was deleted; `was_in_hand`: it may have been published."""

    id: int
    rule: str
    offset_minutes: int
    slot: str
    changed_at: datetime
    routing_key: str
    body: bytes
    due_at: datetime
    expires_at: datetime
    was_in_hand: bool
    entry: Entry | None


ENTRY_KEY = columns_of("account", "record_kind", "record_id", "moment")
EMISSION_COLUMNS = columns_of(
    *("event_id", "routing_key", "rank", "state", "reason", "expires_at"),
    offset_minutes="due.offset_minutes",
    slot="due.slot",
    due_at="due.at",
)


def columns(entry: Entry, emission: Emission) -> dict[str, object]:
    """An occurrence as columns beside its timer's; its body is JSON, and thus UTF-8."""
    body = emission.body.decode()
    return {**EMISSION_COLUMNS(emission), "version": entry.version, "changed_at": entry.changed_at, "body": body}


def waiting(connection: Connection) -> dict[str, int]:
    return dict(connection.execute(WAITING).fetchall())


def take(
    connection: Connection,
    *,
    record_kinds: Collection[str],
    is_urgent: bool,
    limit: int,
    until: datetime,
    now: datetime,
) -> list[Pending]:
    """Lease occurrences until a moment: of these record kinds if `is_urgent`, else of the others."""
    values = {"kinds": list(record_kinds), "is_urgent": is_urgent, "limit": limit, "until": until, "now": now}
    return [pending(row) for row in connection.execute(TAKE, values)]


def pending(row: Sequence[Any]) -> Pending:
    entry = entry_of_row(tuple(row[10:])) if row[10] is not None else None
    return Pending(*row[:10], entry=entry)


def mark(connection: Connection, ids: Sequence[int], *, now: datetime) -> int:
    return connection.execute(MARK, {"ids": list(ids), "now": now}).rowcount if ids else 0


def settle(connection: Connection, ended: Sequence[tuple[Pending, str, str]], *, now: datetime) -> int:
    if not ended:
        return 0
    values = {
        "ids": [occurrence.id for occurrence, _, _ in ended],
        "states": [state for _, state, _ in ended],
        "reasons": [reason for _, _, reason in ended],
        "untouched": [occurrence.id for occurrence, _, _ in ended if not occurrence.was_in_hand],
    }
    return connection.execute(SETTLE, {**values, "now": now}).rowcount

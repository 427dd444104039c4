"""Events and the keys that let each in once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from worker.core.contract.event import Event
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, as_notification_ids

#: No index finds a type: so many of an account's newest events are looked through.
LOOKED_THROUGH = 20_000

LAST = """
SELECT e.body, e.routing_key
FROM (
    SELECT month, id, type, received_at, body, routing_key FROM events
    WHERE account = %(account)s
    ORDER BY month DESC, id DESC
    LIMIT %(looked_through)s
) AS e
WHERE e.type = %(type)s AND (%(since)s::timestamptz IS NULL OR e.received_at >= %(since)s)
ORDER BY e.month DESC, e.id DESC
LIMIT %(limit)s
"""


def last(
    connection: Connection, account: str, event_type: str, *, limit: int, since: datetime | None = None
) -> list[tuple[bytes, str]]:
    """The newest events of a type with their routing keys, the newest first."""
    values = {"account": account, "type": event_type, "limit": limit, "since": since, "looked_through": LOOKED_THROUGH}
    return [(bytes(body), key) for body, key in connection.execute(LAST, values)]


KNOWN_CONTENT = "SELECT key, content FROM event_keys WHERE key = ANY(%(keys)s)"

LOCK = "SELECT pg_advisory_xact_lock(%(lock)s)"

COUNT_REPEATS = """
UPDATE event_keys AS k
SET repeats = k.repeats + r.times
FROM (SELECT key, count(*) AS times FROM unnest(%(keys)s::bytea []) AS key GROUP BY key) AS r
WHERE k.key = r.key
"""

INSERT = """
INSERT INTO events (
    month, id, account, event_id, type, routing_key, occurred_at, received_at, body, outcome, traceparent
)
SELECT
    %(month)s, r.id, r.account, r.event_id, r.type, r.routing_key, r.occurred_at, %(now)s, r.body, r.outcome,
    r.traceparent
FROM ROWS FROM (
    json_to_recordset(%(events)s::json) AS (
        id bigint, account text, event_id text, type text, routing_key text, occurred_at timestamptz, outcome text,
        traceparent text
    ),
    unnest(%(bodies)s::bytea [])
) AS r(id, account, event_id, type, routing_key, occurred_at, outcome, traceparent, body)
"""


TRACES = """
SELECT DISTINCT e.traceparent
FROM json_to_recordset(%(notification_ids)s::json) AS p(month date, id bigint)
INNER JOIN notifications AS n ON p.month = n.month AND p.id = n.id
INNER JOIN events AS e ON n.event_month = e.month AND n.event = e.id
WHERE e.traceparent IS NOT NULL
LIMIT 100
"""

NEWEST = """
SELECT e.received_at, e.account, e.event_id, e.type, e.outcome
FROM events AS e
ORDER BY e.month DESC, e.id DESC
LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class EventSummary:
    received_at: datetime
    account: str
    event_id: str
    type: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Stored:
    id: int
    event: Event
    outcome: str


def lock(connection: Connection, key: bytes) -> None:
    """Let whoever locks this event too wait until the transaction ends, and then find what it made."""
    connection.execute(LOCK, {"lock": int.from_bytes(key[:8], signed=True)})


def known_content(connection: Connection, keys: Iterable[bytes]) -> Mapping[bytes, bytes]:
    return dict(connection.execute(KNOWN_CONTENT, {"keys": list(keys)}).fetchall())


def count_repeats(connection: Connection, keys: Iterable[bytes]) -> None:
    """Count repeats, each key as often as it is named."""
    connection.execute(COUNT_REPEATS, {"keys": sorted(keys)})


def columns(stored: Stored) -> dict[str, object]:
    event = stored.event
    traced = {"traceparent": event.traceparent} if event.traceparent else {}
    return {
        **traced,
        "id": stored.id,
        "account": event.account,
        "event_id": event.id,
        "type": event.type,
        "routing_key": event.routing_key,
        "occurred_at": event.occurred_at,
        "outcome": stored.outcome,
    }


def traces(connection: Connection, notification_ids: Iterable[NotificationId]) -> list[str]:
    """Traceparents of the events that led to these rows."""
    values = {"notification_ids": as_notification_ids(notification_ids)}
    return [traceparent for (traceparent,) in connection.execute(TRACES, values)]


def newest(connection: Connection, *, limit: int) -> list[EventSummary]:
    return [EventSummary(*row) for row in connection.execute(NEWEST, {"limit": limit})]

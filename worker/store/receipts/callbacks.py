"""Callbacks: which message an event named first, and whether it has been recorded."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from worker.store.db.postgres import NONE, Connection, as_rows

#: A repeated event finds what the first one named; those that come at the same moment wait for each other here.
BIND = """
INSERT INTO callbacks AS c (account, event_id, message_id, status, first_at, last_at)
SELECT %(account)s, r.event_id, r.message_id, r.status, %(now)s, %(now)s
FROM json_to_recordset(%(events)s::json) AS r(event_id text, message_id text, status text)
ORDER BY r.event_id
ON CONFLICT (account, event_id) DO UPDATE SET times = c.times + 1, last_at = excluded.last_at
RETURNING c.event_id, c.message_id, c.recorded_at IS NOT NULL
"""

RECORD = """
UPDATE callbacks SET recorded_at = %(now)s
WHERE account = %(account)s AND event_id IN (SELECT unnest(string_to_array(%(events)s, ' ')))
"""

LATELY = """
SELECT a.account
FROM unnest(string_to_array(%(accounts)s, ' ')) AS a(account)
WHERE EXISTS (SELECT FROM callbacks AS c WHERE c.account = a.account AND c.last_at > %(since)s)
"""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the provider; `status` is as written there."""

    event_id: str
    message_id: str
    status: str


@dataclass(frozen=True, slots=True)
class Bound:
    message_id: str
    is_recorded: bool


def bind(connection: Connection, account: str, events: Iterable[Event], *, now: datetime) -> Mapping[str, Bound]:
    rows = as_rows(
        {"event_id": event.event_id, "message_id": event.message_id, "status": event.status}
        for event in sorted(events, key=lambda event: event.event_id)
    )
    if rows == NONE:
        return {}
    bound = connection.execute(BIND, {"account": account, "events": rows, "now": now})
    return {event_id: Bound(message_id, is_recorded) for event_id, message_id, is_recorded in bound}


def record(connection: Connection, account: str, events: Collection[str], *, now: datetime) -> None:
    """Mark these events, whose ids hold no space, as recorded."""
    if events:
        connection.execute(RECORD, {"account": account, "events": " ".join(sorted(events)), "now": now})


def with_recent_callbacks(connection: Connection, accounts: Iterable[str], *, since: datetime) -> frozenset[str]:
    """Those of these accounts whose receipts come by themselves."""
    rows = connection.execute(LATELY, {"accounts": " ".join(sorted(accounts)), "since": since})
    return frozenset(account for (account,) in rows)

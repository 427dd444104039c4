"""What a batch of events writes, in two statements: first the keys that let each thing in once, then everything else.

Each of their parts alone would be as quick as its way to PostgreSQL and back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from worker.core.calendar import folded
from worker.core.draft import Draft
from worker.core.event import Event
from worker.store import calendar, records
from worker.store.events import INSERT as INSERT_EVENTS
from worker.store.events import Stored
from worker.store.events import columns as event_columns
from worker.store.notifications import INSERT as INSERT_NOTIFICATIONS
from worker.store.notifications import Born, columns
from worker.store.postgres import NONE, Connection, as_rows
from worker.store.records import RecordState

#: A row's key is taken only with its event's, and after all of those: two batches meet in one order. `IS TRUE` makes
#: PostgreSQL look the events' keys up in a hash.
TAKE = """
WITH events_taken AS (
    INSERT INTO event_keys (key, content, month)
    SELECT decode(r.key, 'hex'), decode(r.content, 'hex'), %(month)s
    FROM json_to_recordset(%(events)s::json) AS r(key text, content text)
    ORDER BY 1
    ON CONFLICT (key) DO NOTHING
    RETURNING key, id
),
wanted AS (
    SELECT decode(r.key, 'hex') AS key, decode(r.event, 'hex') AS event, r.account, decode(r.person, 'hex') AS person
    FROM json_to_recordset(%(wanted)s::json) AS r(key text, event text, account text, person text)
),
rows_taken AS (
    INSERT INTO notification_keys (key, month)
    SELECT DISTINCT key, %(month)s::date
    FROM wanted
    WHERE (event IN (SELECT key FROM events_taken)) IS TRUE
    ORDER BY 1
    ON CONFLICT (key) DO NOTHING
    RETURNING key, id
)
SELECT 'event', NULL, key, id FROM events_taken
UNION ALL
SELECT 'row', NULL, key, id FROM rows_taken
UNION ALL
SELECT 'stopped', w.account, w.person, NULL
FROM wanted AS w
INNER JOIN suppressions AS s ON w.account = s.account AND w.person = s.recipient_key
"""

WRITE = (
    "WITH known AS ("
    + records.UPSERT
    + "), dated AS ("
    + calendar.UPSERT
    + "), kept AS ("
    + INSERT_EVENTS
    + "), born AS ("
    + INSERT_NOTIFICATIONS
    + """
    RETURNING month, id, state, reason
)
INSERT INTO moves (month, notification, at, from_state, to_state, reason, actor)
SELECT month, id, %(now)s, NULL, state, reason, 'accept'
FROM born
"""
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What nobody took before: ids of events and of rows by key; and whose recipient keys are on a stop-list."""

    events: dict[bytes, int]
    rows: dict[bytes, int]
    stopped: set[tuple[str, bytes]]


def take(
    connection: Connection, events: Iterable[Event], drafted: Iterable[tuple[Event, Draft]], *, month: date
) -> Taken:
    """Take the keys of new events and of the rows that are drafted for them."""
    values = {
        "events": as_rows({"key": event.key, "content": event.content} for event in events),
        "wanted": as_rows(wanted(event, draft) for event, draft in drafted),
        "month": month,
    }
    taken = Taken({}, {}, set())
    if values["events"] == NONE:
        return taken
    for what, account, key, number in connection.execute(TAKE, values):
        match what:
            case "event":
                taken.events[key] = number
            case "row":
                taken.rows[key] = number
            case _:
                taken.stopped.add((account, key))
    return taken


def wanted(event: Event, draft: Draft) -> dict[str, object]:
    """A key that is wanted, and for whom."""
    return {"key": draft.key, "event": event.key, "account": draft.account, "person": draft.recipient_key}


def write(
    connection: Connection,
    states: Sequence[RecordState],
    stored: Iterable[Stored],
    born: Sequence[tuple[int, Born]],
    *,
    month: date,
    now: datetime,
) -> None:
    """Keep the records and their moments, the events as they came, and the new rows, each with its id."""
    values = {
        "records": as_rows(map(records.columns, records.newest(states))),
        "entries": as_rows(map(calendar.columns, folded(state.entry for state in states if state.entry))),
        "events": as_rows(map(event_columns, stored)),
        "born": as_rows({**columns(item), "id": number} for number, item in born),
    }
    if set(values.values()) != {NONE}:
        connection.execute(WRITE, {**values, "month": month, "now": now})

"""What a batch of events writes: the keys that let each thing in once, what the CRM says, and the texts.

Each of their parts alone would be as quick as its way to PostgreSQL and back. What the CRM says stands before the texts
are claimed, which ask for the newest of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from psycopg.rows import TupleRow

from worker.core.contract.event import Event
from worker.core.planning.channel import SMS
from worker.core.planning.consent import Statement
from worker.core.planning.draft import Draft
from worker.core.planning.recipient_checks import Known
from worker.core.reminders.calendar_entry import folded
from worker.store.consent import consents
from worker.store.consent.consents import OF_PEOPLE, known_of
from worker.store.db.postgres import NONE, Connection, as_bodies, as_rows
from worker.store.ingest import records
from worker.store.ingest.events import INSERT as INSERT_EVENTS
from worker.store.ingest.events import Stored
from worker.store.ingest.events import columns as event_columns
from worker.store.ingest.notifications import INSERT as INSERT_NOTIFICATIONS
from worker.store.ingest.notifications import NewNotification, columns
from worker.store.ingest.records import RecordState
from worker.store.reminders import calendar_entries
from worker.store.sending.attempts import Stored as Attempt
from worker.store.sending.hourly_volumes import COUNTED
from worker.store.sending.write_claim import DEPARTED, HOURS, Hours, Leaving, bodies_of, departing, hours_of
from worker.store.spending.daily_spending import SPENT
from worker.store.transitions import remembered

#: A row's key is taken only with its event's, and after all of those: two batches meet in one order. `IS TRUE` makes
#: PostgreSQL look the events' keys up in a hash.
TAKE = (
    """
WITH events_taken AS (
    INSERT INTO event_keys (key, content, month)
    SELECT decode(r.key, 'hex'), decode(r.content, 'hex'), %(month)s
    FROM json_to_recordset(%(events)s::json) AS r(key text, content text)
    ORDER BY 1
    ON CONFLICT (key) DO NOTHING
    RETURNING key, id
),
wanted AS (
    SELECT
        decode(r.key, 'hex') AS key, decode(r.event, 'hex') AS event, r.account, decode(r.person, 'hex') AS person,
        r.by_viber, r.kind, r.id
    FROM json_to_recordset(%(wanted)s::json) AS r(
        key text, event text, account text, person text, by_viber boolean, kind text, id text
    )
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
SELECT 'event', key, id, NULL, NULL::jsonb FROM events_taken
UNION ALL
SELECT 'row', key, id, NULL, NULL FROM rows_taken
UNION ALL
"""
    + OF_PEOPLE
)

WRITE = (
    "WITH known AS ("
    + records.UPSERT
    + "), dated AS ("
    + calendar_entries.UPSERT
    + "), agreed AS ("
    + consents.UPSERT
    + ")"
    + INSERT_EVENTS
)

INSERTED = (
    "inserted AS ("
    + INSERT_NOTIFICATIONS
    + """
    RETURNING month, id, NULL AS before, state AS after, reason, attempt
)
"""
)
INSERT = "WITH " + INSERTED + remembered("inserted")

#: Some of them are born in `sending`, with their attempts and whatever else a claim writes.
INSERT_CLAIMED = (
    "WITH "
    + INSERTED
    + ", remembered AS ("
    + remembered("inserted")
    + ")"
    + DEPARTED
    + SPENT
    + COUNTED
    + "SELECT "
    + HOURS
)


@dataclass(frozen=True, slots=True)
class Taken:
    """Ids of newly taken events and rows by key, and what was known of the people before."""

    events: dict[bytes, int]
    rows: dict[bytes, int]
    known: Known


def take(
    connection: Connection, events: Iterable[Event], drafted: Iterable[tuple[Event, Draft]], *, month: date
) -> Taken:
    values = {
        "events": as_rows({"key": event.key, "content": event.content} for event in events),
        "wanted": as_rows(wanted(event, draft) for event, draft in drafted),
        "month": month,
    }
    events_taken, rows_taken, known = dict[bytes, int](), dict[bytes, int](), list[TupleRow]()
    if values["events"] != NONE:
        for row in connection.execute(TAKE, values):
            match row[0]:
                case "event":
                    events_taken[row[1]] = row[2]
                case "row":
                    rows_taken[row[1]] = row[2]
                case _:
                    known.append(row)
    return Taken(events_taken, rows_taken, known_of(known))


def wanted(event: Event, draft: Draft) -> dict[str, object]:
    """A wanted key and its recipient, who is looked up where it may be advertising."""
    row: dict[str, object] = {
        "key": draft.key,
        "event": event.key,
        "account": draft.account,
        "person": draft.recipient_key,
    }
    if draft.channel != SMS:
        row["by_viber"] = True
    if draft.message_class == "marketing":
        row |= {"kind": draft.recipient_kind, "id": draft.recipient_id}
    return row


@dataclass(frozen=True, slots=True)
class Arriving:
    """What the CRM says in a batch: record states, statements of consent, and the events themselves."""

    states: Sequence[RecordState] = ()
    statements: Iterable[Statement] = ()
    stored: Sequence[Stored] = ()


def write(connection: Connection, arriving: Arriving, *, month: date, now: datetime) -> None:
    """Write it all; of records, calendar entries and consents only what is newer."""
    values = {
        "records": as_rows(map(records.columns, records.newest(arriving.states))),
        "entries": as_rows(
            map(calendar_entries.columns, folded(state.entry for state in arriving.states if state.entry))
        ),
        "consents": as_rows(consents.kept(arriving.statements)),
        "events": as_rows(map(event_columns, arriving.stored)),
    }
    if set(values.values()) != {NONE}:
        bodies = as_bodies(stored.event.body for stored in arriving.stored)
        connection.execute(WRITE, {**values, "bodies": bodies, "month": month, "now": now})


def insert(
    connection: Connection,
    new: Iterable[tuple[int, NewNotification]],
    leaving: Sequence[Leaving] = (),
    *,
    month: date,
    accepted_at: datetime,
    now: datetime,
) -> Hours:
    """Write texts of events that were accepted in this month; those that leave at once are born in `sending`."""
    claimed_by = {number: stored for its in leaving for stored in its.attempts for _, number in stored.notification_ids}
    rows = as_rows(row_of(number, notification, claimed_by.get(number)) for number, notification in new)
    if rows == NONE:
        return {}
    values = {"new_notifications": rows, "month": month, "actor": "accept", "accepted_at": accepted_at, "now": now}
    if not leaving:
        connection.execute(INSERT, values)
        return {}
    return hours_of(connection.execute(INSERT_CLAIMED, {**values, **departing(leaving), **bodies_of(leaving)}))


def row_of(number: int, new: NewNotification, attempt: Attempt | None) -> dict[str, object]:
    row = {**columns(new), "id": number}
    if attempt is None:
        return row
    return {
        **row,
        "state": "sending",
        "due_at": attempt.leased_until,
        "attempt_month": attempt.month,
        "attempt": attempt.key,
    }

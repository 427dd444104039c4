"""What a search looks in, entered after notifications were planned, and the mark up to which all are entered."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import LiteralString

from psycopg.rows import TupleRow

from worker.core.history.filters import Subject
from worker.core.history.search.entry import Searched, SearchEntry, entry
from worker.core.history.search.names import PersonId, names
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, as_notification_ids, as_rows, columns_of, query_row

#: A text that is so young may be changed yet, and whoever sends a burst of them needs the machine.
YOUNG = timedelta(minutes=1)
#: No transaction that plans notifications lasts so long: of ids that are older none is still to come.
SETTLED = timedelta(minutes=2)
#: Bodies of events that are read at once: each may have 256 KB.
BODIES = 50

EventKey = tuple[date, int]

#: One process at a time moves the mark; to whoever comes meanwhile there is nothing to do.
HOLD = "SELECT month, notification FROM search_progress FOR UPDATE SKIP LOCKED"
MARK = "SELECT month, notification FROM search_progress"
ADVANCE = "UPDATE search_progress SET month = %(month)s, notification = %(id)s"
NEXT_MONTH = "SELECT min(month) FROM notifications WHERE month > %(month)s"

TAKE_CHANGES = """
DELETE FROM search_changes
WHERE id = ANY(ARRAY(SELECT id FROM search_changes ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED))
RETURNING month, notification
"""


def planned(rows: LiteralString) -> LiteralString:
    """All that an entry is made of, for rows of `notifications AS n`."""
    return f"""
SELECT
    n.month, n.id, n.account, n.text, n.phone, n.trigger, n.channel, n.recipient_kind, n.recipient_id,
    n.recipient_key, n.client_id, n.record_kind, n.record_id, e.event_id, n.event_month, n.event, n.created_at
FROM {rows} LEFT JOIN events AS e ON n.event_month = e.month AND n.event = e.id
"""


OF_IDS = planned("""
    json_to_recordset(%(notification_ids)s::json) AS p(month date, id bigint)
INNER JOIN notifications AS n ON p.month = n.month AND p.id = n.id
""")
#: Those that were committed late lie among others that are entered. OFFSET 0 has entries looked up row by row, whatever
#: a planner believes of a month that has just begun.
NOT_ENTERED = (
    planned("notifications AS n")
    + """
WHERE
    n.month = %(month)s AND n.id > %(id)s AND n.created_at < %(planned_before)s
    AND NOT EXISTS (
        SELECT FROM search_entries AS s
        WHERE s.month = n.month AND s.account = n.account AND s.notification = n.id
        OFFSET 0
    )
ORDER BY n.id
LIMIT %(limit)s
"""
)
#: Nothing is missing below the newest of those that are settled.
NEWEST_SETTLED = """
SELECT id FROM notifications
WHERE month = %(month)s AND id > %(id)s AND created_at < %(settled_before)s
ORDER BY id DESC
LIMIT 1
"""

ENTER = """
INSERT INTO search_entries (month, account, notification, name, words, terms)
SELECT month, account, notification, name, words, terms
FROM json_to_recordset(%(entries)s::json) AS r(
    month date, account text, notification bigint, name text, words text, terms integer []
)
ON CONFLICT (month, account, notification) DO UPDATE SET
    name = excluded.name, words = excluded.words, terms = excluded.terms
"""

EVENT_BODIES = """
SELECT e.month, e.id, e.body
FROM json_to_recordset(%(keys)s::json) AS p(month date, id bigint)
INNER JOIN events AS e ON p.month = e.month AND p.id = e.id
"""

COLUMNS = columns_of("month", "account", "notification", "name", "words", "terms")


def mark(connection: Connection) -> NotificationId:
    """Up to where all notifications are entered, but for those in `search_changes`."""
    row = connection.execute(MARK).fetchone()
    return (row[0], row[1]) if row else (date.min, 0)


def enter_changed(connection: Connection, *, limit: int) -> int:
    """Enter those anew whose entry was no longer true, and count them."""
    changed = {(row[0], row[1]) for row in connection.execute(TAKE_CHANGES, {"limit": limit})}
    if changed:
        enter(connection, connection.execute(OF_IDS, {"notification_ids": as_notification_ids(changed)}).fetchall())
    return len(changed)


def enter_planned(connection: Connection, *, limit: int, now: datetime) -> int:
    """Enter notifications that are not entered yet, from the mark on, and move it; less than `limit` are all."""
    row = connection.execute(HOLD).fetchone()
    if row is None:
        return 0
    values: dict[str, object] = {
        "month": row[0],
        "id": row[1],
        "limit": limit,
        "planned_before": now - YOUNG,
        "settled_before": now - SETTLED,
    }
    new = connection.execute(NOT_ENTERED, values).fetchall()
    enter(connection, new)
    if len(new) == limit:
        settled = [row[1] for row in new if row[-1] < now - SETTLED]
        move_mark(connection, values["month"], settled[-1:])
    else:
        move_mark(connection, values["month"], [row[0] for row in connection.execute(NEWEST_SETTLED, values)])
        if turn_month(connection, values["month"], now=now):
            return len(new) + enter_planned(connection, limit=limit - len(new), now=now)
    return len(new)


def move_mark(connection: Connection, month: object, newest: Iterable[int]) -> None:
    for number in newest:
        connection.execute(ADVANCE, {"month": month, "id": number})


def turn_month(connection: Connection, month: object, *, now: datetime) -> bool:
    """Go on with the next month that has notifications, once the last of this one are settled."""
    (following,) = query_row(connection, NEXT_MONTH, {"month": month})
    is_settled = following is not None and following <= (now - SETTLED).date()
    if is_settled:
        connection.execute(ADVANCE, {"month": following, "id": 0})
    return is_settled


def enter(connection: Connection, new: Collection[TupleRow]) -> None:
    if not new:
        return
    known = names_of(connection, {event_of(row) for row in new})
    entries = (entered(row, known) for row in new)
    connection.execute(ENTER, {"entries": as_rows(map(COLUMNS, entries))})


def entered(row: TupleRow, known: Mapping[EventKey, Mapping[PersonId, str]]) -> SearchEntry:
    month, number, account, text, phone, trigger, channel, kind, id_, key, client, *record, event = row[:14]
    named = known.get(event_of(row), {}).get((kind, id_))
    searched = Searched(
        *(month, number, account, text, phone, trigger, channel),
        recipient=Subject(kind, id_),
        phone_key=bytes(key),
        client=client,
        record=Subject(*record) if all(record) else None,
        event_id=event,
    )
    return entry(searched, named)


def event_of(row: TupleRow) -> EventKey:
    return row[14], row[15]


def names_of(connection: Connection, events: Iterable[EventKey]) -> Mapping[EventKey, Mapping[PersonId, str]]:
    """Names of the people of these events, by their kind and id."""
    return {key: names(body) for key, body in bodies(connection, sorted(events))}


def bodies(connection: Connection, events: Sequence[EventKey]) -> Iterator[tuple[EventKey, bytes]]:
    for first in range(0, len(events), BODIES):
        keys = as_rows({"month": month, "id": number} for month, number in events[first : first + BODIES])
        for month, number, body in connection.execute(EVENT_BODIES, {"keys": keys}):
            yield (month, number), bytes(body)

"""What a simulation reads: an account's calendar, which reminders went already, and who gets none."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from worker.core.contract.data import Record, load
from worker.core.planning.draft import Draft
from worker.core.planning.recipient_checks import Known
from worker.core.reminders.calendar_entry import Entry
from worker.core.reminders.simulation import Identity
from worker.store.consent.consents import OF_PEOPLE, known_of
from worker.store.db.postgres import Connection, as_rows, query_row
from worker.store.reminders.calendar_entries import ENTRY_COLUMNS, entry_of_row

PAGE = 1_000

COUNT = "SELECT count(*) FROM calendar WHERE account = %(account)s AND NOT cancelled"

ENTRIES = f"""
SELECT
    {ENTRY_COLUMNS}, coalesce(r.facts, '{{}}')
FROM calendar AS c
LEFT JOIN records AS r ON c.account = r.account AND c.record_kind = r.kind AND c.record_id = r.id
WHERE
    c.account = %(account)s AND NOT c.cancelled
    AND (c.record_kind, c.record_id, c.moment) > (%(record_kind)s, %(record_id)s, %(moment)s)
ORDER BY c.record_kind, c.record_id, c.moment
LIMIT %(limit)s
"""

FIRED = """
SELECT rule, record_kind, record_id, offset_minutes, slot
FROM occurrences
WHERE account = %(account)s AND state IN ('published', 'missed') AND expires_at >= %(begins)s
"""

PEOPLE = (
    """
WITH wanted AS (
    SELECT DISTINCT %(account)s::text AS account, decode(r.person, 'hex') AS person, TRUE AS by_viber, r.kind, r.id
    FROM json_to_recordset(%(people)s::json) AS r(person text, kind text, id text)
)
"""
    + OF_PEOPLE
)

KNOWN = "SELECT key FROM notification_keys WHERE key = ANY(%(keys)s)"


def count(connection: Connection, account: str) -> int:
    return query_row(connection, COUNT, {"account": account})[0]


def entries(connection: Connection, account: str) -> Iterator[list[tuple[Entry, Record]]]:
    last = {"record_kind": "", "record_id": "", "moment": ""}
    while True:
        rows = connection.execute(ENTRIES, {"account": account, "limit": PAGE, **last}).fetchall()
        if not rows:
            return
        page = [(entry_of_row(row[:11]), load(row[1], row[11])) for row in rows]
        yield page
        newest = page[-1][0]
        last = {"record_kind": newest.record_kind, "record_id": newest.record_id, "moment": newest.moment}


def fired_before(connection: Connection, account: str, *, begins: datetime) -> set[Identity]:
    """Occurrences published or missed that might come again after `begins`."""
    rows = connection.execute(FIRED, {"account": account, "begins": begins})
    return {(rule, record_kind, record_id, offset, slot) for rule, record_kind, record_id, offset, slot in rows}


def people(connection: Connection, account: str, drafted: Iterable[Draft]) -> Known:
    rows = as_rows(
        {"person": draft.recipient_key, "kind": draft.recipient_kind, "id": draft.recipient_id} for draft in drafted
    )
    return known_of(connection.execute(PEOPLE, {"account": account, "people": rows}))


def known(connection: Connection, keys: Iterable[bytes]) -> set[bytes]:
    return {bytes(row[0]) for row in connection.execute(KNOWN, {"keys": list(set(keys))})}

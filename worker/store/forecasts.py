"""What a simulation reads: an account's calendar, what was told of it already, and who is not to be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from worker.core.calendar import Entry
from worker.core.facts import Facts
from worker.core.simulation import Identity
from worker.store.calendar import entry_of_row
from worker.store.postgres import Connection, one

PAGE = 1_000

COUNT = "SELECT count(*) FROM calendar WHERE account = %(account)s AND NOT cancelled"

ENTRIES = """
SELECT
    c.account, c.kind, c.record_id, c.moment, c.local_at, c.zone, c.version, c.changed_at, c.cancelled, c.data,
    c.corrections, coalesce(r.facts, '{}')
FROM calendar AS c
LEFT JOIN records AS r ON c.account = r.account AND c.kind = r.kind AND c.record_id = r.id
WHERE
    c.account = %(account)s AND NOT c.cancelled
    AND (c.kind, c.record_id, c.moment) > (%(kind)s, %(record_id)s, %(moment)s)
ORDER BY c.kind, c.record_id, c.moment
LIMIT %(limit)s
"""

TOLD = """
SELECT rule, kind, record_id, offset_minutes, slot
FROM occurrences
WHERE account = %(account)s AND state IN ('published', 'missed') AND worth_until >= %(begins)s
"""

STOPPED = "SELECT recipient_key FROM suppressions WHERE account = %(account)s AND recipient_key = ANY(%(keys)s)"

KNOWN = "SELECT key FROM notification_keys WHERE key = ANY(%(keys)s)"


def count(connection: Connection, account: str) -> int:
    """How many entries an account's calendar has."""
    return one(connection, COUNT, {"account": account})[0]


def entries(connection: Connection, account: str) -> Iterator[list[tuple[Entry, Facts]]]:
    """An account's calendar page by page, each entry with the newest facts of its record."""
    last = {"kind": "", "record_id": "", "moment": ""}
    while True:
        found = connection.execute(ENTRIES, {"account": account, "limit": PAGE, **last}).fetchall()
        if not found:
            return
        page = [(entry_of_row(row[:11]), row[11]) for row in found]
        yield page
        newest = page[-1][0]
        last = {"kind": newest.kind, "record_id": newest.record_id, "moment": newest.moment}


def told(connection: Connection, account: str, *, begins: datetime) -> set[Identity]:
    """What was told, or missed, and might still come after a moment."""
    found = connection.execute(TOLD, {"account": account, "begins": begins})
    return {(rule, kind, record_id, offset, slot) for rule, kind, record_id, offset, slot in found}


def stopped(connection: Connection, account: str, keys: Iterable[bytes]) -> set[bytes]:
    """Which of these people are on the stop-list."""
    found = connection.execute(STOPPED, {"account": account, "keys": list(set(keys))})
    return {bytes(row[0]) for row in found}


def known(connection: Connection, keys: Iterable[bytes]) -> set[bytes]:
    """Which of these facts were told to their people already."""
    return {bytes(row[0]) for row in connection.execute(KNOWN, {"keys": list(set(keys))})}

"""What lies in the calendar: the operator's view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from worker.store.db.postgres import Connection

#: In the order of the table's key, so that a few rows are read and not the table.
LISTED = """
SELECT
    c.kind, c.record_id, c.moment, c.local_at, c.zone, c.version, c.changed_at, c.cancelled, c.corrections,
    (
        SELECT min(t.next_at)
        FROM timers AS t
        WHERE t.account = c.account AND t.kind = c.kind AND t.record_id = c.record_id AND t.moment = c.moment
    ) AS next_at
FROM calendar AS c
WHERE
    c.account = %(account)s
    AND (%(kind)s::text IS NULL OR c.kind = %(kind)s)
    AND (%(record)s::text IS NULL OR c.record_id = %(record)s)
    AND (NOT %(corrected)s OR c.corrections <> '{}')
ORDER BY c.account, c.kind, c.record_id, c.moment
LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries somebody wants to see."""

    account: str
    kind: str | None
    record: str | None
    corrected: bool
    limit: int


@dataclass(frozen=True, slots=True)
class Listed:
    """One moment of a record, what was wrong with it, and when people are told next."""

    kind: str
    record_id: str
    moment: str
    local_at: datetime | None
    zone: str | None
    version: int | None
    changed_at: datetime
    cancelled: bool
    corrections: Sequence[str]
    next_at: datetime | None


def listed(connection: Connection, wanted: Wanted) -> list[Listed]:
    """Entries of an account's calendar."""
    values = {
        "account": wanted.account,
        "kind": wanted.kind,
        "record": wanted.record,
        "corrected": wanted.corrected,
        "limit": wanted.limit,
    }
    with connection.cursor(row_factory=class_row(Listed)) as cursor:
        return cursor.execute(LISTED, values).fetchall()

"""The audit: who changed, did or looked at what, noted in the transaction of what they did."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson

from worker.core.audit.action import Action
from worker.store.db.postgres import Connection, query_row

NOTE = """
INSERT INTO audit (at, done_by, action, account, subject, before, after)
VALUES (
    coalesce(%(now)s::timestamptz, clock_timestamp()), %(by)s, %(action)s, %(account)s, %(subject)s,
    %(before)s::jsonb, %(after)s::jsonb
)
"""

#: By id, so that a list goes on where it ended.
LIST = """
SELECT id, at, done_by, action, account, subject, before, after
FROM audit
WHERE
    (%(account)s::text IS NULL OR account = %(account)s)
    AND (%(action)s::text IS NULL OR action = %(action)s)
    AND (%(by)s::text IS NULL OR done_by = %(by)s)
    AND (%(subject)s::text IS NULL OR strpos(subject, %(subject)s) > 0)
    AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR at < %(until)s)
    AND (%(below)s::bigint IS NULL OR id < %(below)s)
ORDER BY id DESC
LIMIT %(limit)s
"""

PURGE = "SELECT purge_audit(%(before)s, %(slice)s)"

#: How many notes are read at once where all are wanted.
PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody did, with what was different before and after."""

    id: int
    at: datetime
    by: str
    action: str
    account: str | None
    subject: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which notes: of an account, an action, a name, of subjects with these words, of a time."""

    account: str | None = None
    action: str | None = None
    by: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def note(  # noqa: PLR0913 (one argument for each thing a note says)
    connection: Connection,
    by: str,
    action: Action,
    subject: str,
    *,
    account: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> None:
    """Note what is done, in the transaction that does it; `before` and `after` hold no phone, text or token."""
    kept = {"before": as_json(before), "after": as_json(after)}
    values = {"by": by, "action": action, "account": account, "subject": subject, "now": now}
    connection.execute(NOTE, {**values, **kept})


def as_json(values: Mapping[str, Any] | None) -> str | None:
    """Durations, amounts and moments as text."""
    return None if values is None else orjson.dumps(values, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def list_notes(
    connection: Connection, wanted: Wanted, *, limit: int | None = None, below: int | None = None
) -> list[Note]:
    """List notes, the newest first; those `below` an id go on where a list ended."""
    return [Note(*row) for row in connection.execute(LIST, {**asdict(wanted), "limit": limit, "below": below})]


def every_note(connection: Connection, wanted: Wanted) -> Iterator[Note]:
    """Read all notes, a page at a time."""
    below = None
    while page := list_notes(connection, wanted, limit=PAGE, below=below):
        yield from page
        below = page[-1].id


def purge(connection: Connection, *, before: datetime, slice_: int = PAGE) -> int:
    """Delete notes older than this, but for those of the last year, a slice at a time; count them."""
    purged, count = 0, slice_
    while count == slice_:
        count = query_row(connection, PURGE, {"before": before, "slice": slice_})[0]
        purged += count
    return purged

"""The moments of records that reminders are computed from."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from psycopg.rows import TupleRow

from worker.core.contract.data import Data
from worker.core.reminders.calendar_entry import Entry
from worker.store.db.postgres import NEWER_WINS, Connection, query_row

#: In the order of the table's key, so that a few rows are read and not the table.
LIST = """
SELECT
    c.record_kind AS kind, c.record_id, c.moment, c.local_at, c.zone, c.version, c.changed_at, c.cancelled,
    c.corrections,
    (
        SELECT min(t.next_at)
        FROM timers AS t
        WHERE
            t.account = c.account AND t.record_kind = c.record_kind
            AND t.record_id = c.record_id AND t.moment = c.moment
    ) AS next_at
FROM calendar AS c
WHERE
    c.account = %(account)s
    AND (%(record_kind)s::text IS NULL OR c.record_kind = %(record_kind)s)
    AND (%(record)s::text IS NULL OR c.record_id = %(record)s)
    AND (NOT %(corrected)s OR c.corrections <> '{}')
ORDER BY c.account, c.record_kind, c.record_id, c.moment
LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    account: str
    record_kind: str | None
    record: str | None
    corrected: bool
    limit: int


@dataclass(frozen=True, slots=True)
class EntrySummary:
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


def list_entries(connection: Connection, wanted: Wanted) -> list[EntrySummary]:
    return [EntrySummary(*row) for row in connection.execute(LIST, asdict(wanted))]


#: Only newer wins, by the rule of the records. Reminders and recipients are kept where the newer state leaves them
#: out; a cancelled entry has no other moment than its own, and of a deleted one nothing is kept. `since` stays while
#: the moment does, whatever else of its record changes. A new one that reminds nobody has its timers from the start:
#: none. `rules_version` below zero: its timers were those of that version, and its record was
#: saved since.
UPSERT = (
    """
INSERT INTO calendar AS known (
    account, record_kind, record_id, moment, local_at, zone, version, changed_at, cancelled, data, corrections, since,
    rules_version
)
SELECT
    r.account, r.record_kind, r.record_id, r.moment, r.local_at, r.zone, r.version, r.changed_at, r.cancelled, r.data,
    r.corrections, least(r.changed_at, %(now)s),
    CASE
        WHEN r.cancelled OR r.local_at IS NULL THEN (SELECT a.rules_version FROM accounts AS a WHERE a.id = r.account)
        ELSE 0
    END
FROM json_to_recordset(%(entries)s::json) AS r(
    account text, record_kind text, record_id text, moment text, local_at timestamp, zone text, version bigint,
    changed_at timestamptz, cancelled boolean, data jsonb, corrections text[]
)
ORDER BY 1, 2, 3, 4
ON CONFLICT (account, record_kind, record_id, moment) DO UPDATE SET
    local_at = CASE WHEN excluded.cancelled THEN excluded.local_at ELSE coalesce(excluded.local_at, known.local_at) END,
    zone = CASE WHEN excluded.cancelled OR excluded.local_at IS NOT NULL THEN excluded.zone ELSE known.zone END,
    version = excluded.version,
    changed_at = excluded.changed_at,
    cancelled = excluded.cancelled,
    data = CASE
        WHEN excluded.data = '{}' OR excluded.data ? 'recipients' OR NOT known.data ? 'recipients' THEN excluded.data
        ELSE excluded.data || jsonb_build_object('recipients', known.data -> 'recipients')
    END,
    corrections = excluded.corrections,
    since = CASE
        WHEN
            known.cancelled = excluded.cancelled
            AND coalesce(excluded.local_at, known.local_at) IS NOT DISTINCT FROM known.local_at
            AND (excluded.local_at IS NULL OR excluded.zone IS NOT DISTINCT FROM known.zone)
            AND (excluded.data -> known.record_kind -> 'remind_before')
            IS NOT DISTINCT FROM (known.data -> known.record_kind -> 'remind_before')
            THEN known.since
        ELSE excluded.since
    END,
    rules_version = -abs(known.rules_version)
"""
    + NEWER_WINS
)

#: What `entry_of_row` reads, in its order, of a table that is called `c`.
ENTRY_COLUMNS = """
c.account, c.record_kind, c.record_id, c.moment, c.local_at, c.zone, c.version, c.changed_at, c.cancelled, c.data,
c.corrections
"""

#: Two schedulers with different zones agree on the newer ones; names of versions (2026a, 2026b) grow.
NOTE = """
INSERT INTO tzdata_version AS known (tzdata) VALUES (%(version)s)
ON CONFLICT (singleton) DO UPDATE SET tzdata = excluded.tzdata
WHERE excluded.tzdata > known.tzdata
RETURNING tzdata
"""

BUMP = "UPDATE accounts SET rules_version = rules_version + 1"

PAGES = "SELECT pg_relation_size('calendar') / current_setting('block_size')::bigint"

#: By where they lie: no other order finds old ones without an index, and each page is read once. Their timers go with
#: them. One whose timers are still to be computed stays; birthdays come again.
PURGE = """
DELETE FROM calendar
WHERE ctid = ANY(ARRAY(
    SELECT c.ctid
    FROM calendar AS c
    INNER JOIN accounts AS a ON c.account = a.id AND c.rules_version = a.rules_version
    WHERE
        c.ctid >= %(first)s::text::tid AND c.ctid < %(last)s::text::tid
        AND c.moment <> 'birthday' AND c.changed_at < %(before)s::date AND c.local_at < %(before)s::date
        AND NOT EXISTS (
            SELECT FROM timers AS t
            WHERE
                t.account = c.account AND t.record_kind = c.record_kind
                AND t.record_id = c.record_id AND t.moment = c.moment
                AND t.next_at IS NOT NULL
        )
    FOR UPDATE OF c SKIP LOCKED
))
"""


def columns(entry: Entry) -> dict[str, object]:
    return {
        "account": entry.account,
        "record_kind": entry.record_kind,
        "record_id": entry.record_id,
        "moment": entry.moment,
        "local_at": entry.local_at,
        "zone": entry.zone,
        "version": entry.version,
        "changed_at": entry.changed_at,
        "cancelled": entry.cancelled,
        "data": entry.data.kept,
        "corrections": entry.corrections,
    }


def entry_of_row(row: TupleRow) -> Entry:
    """Read an entry from a row that begins with ENTRY_COLUMNS."""
    return Entry(*row[:9], data=Data(row[9]), corrections=tuple(row[10]))


def pages(connection: Connection) -> int:
    return query_row(connection, PAGES)[0]


def purge(connection: Connection, before: date, pages: range) -> int:
    values = {"before": before, "first": f"({pages.start},0)", "last": f"({pages.stop},0)"}
    return connection.execute(PURGE, values).rowcount


def note_zones(connection: Connection, version: str) -> bool:
    """Remember the version of tzdata; one that is newer than all before outdates every timer."""
    is_newer = connection.execute(NOTE, {"version": version}).fetchone() is not None
    if is_newer:
        connection.execute(BUMP)
    return is_newer

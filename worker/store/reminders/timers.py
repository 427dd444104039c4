"""Timers: when each rule next speaks of each entry of the calendar."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from worker.core.contract.data import Record, load
from worker.core.reminders.calendar_entry import Entry
from worker.core.reminders.date_warnings import QUARANTINED
from worker.core.reminders.fire import Fired
from worker.store.db.postgres import NONE, Connection, as_rows
from worker.store.reminders.calendar_entries import ENTRY_COLUMNS, entry_of_row
from worker.store.reminders.occurrences import EMITTED, ENTRY_KEY, OCCURRENCE_COLUMNS, columns

#: Of entries whose timers are those of their account's rules; others are timed anew first. A scheduler with older time
#: zones than another one knows would see other moments, and leaves them all. OFFSET 0 keeps PostgreSQL from beginning
#: with all entries of an account: those that it does not know the number of yet it takes for few.
DUE = f"""
SELECT
    {ENTRY_COLUMNS}, t.rule, t.next_at, coalesce(r.facts, '{{}}')
FROM timers AS t
INNER JOIN LATERAL (
    SELECT * FROM calendar
    WHERE account = t.account AND record_kind = t.record_kind AND record_id = t.record_id AND moment = t.moment
    OFFSET 0
) AS c ON TRUE
INNER JOIN accounts AS a ON c.account = a.id AND c.rules_version = a.rules_version
LEFT JOIN records AS r ON t.account = r.account AND t.record_kind = r.kind AND t.record_id = r.id
WHERE t.next_at <= %(now)s AND NOT EXISTS (SELECT FROM tzdata_version AS w WHERE w.tzdata > %(tzdata)s)
ORDER BY t.next_at
LIMIT %(limit)s
FOR UPDATE OF t SKIP LOCKED
"""

#: Guarded by what was read: whoever comes second changes nothing and emits nothing. What a timer emits lies in its own
#: row, for to find it among the others, five hundred would be compared with five hundred.
MOVE_ON = (
    """
UPDATE timers AS t
SET next_at = r.next_at, processed_until = r.processed_until
FROM json_to_recordset(%(timers)s::json) AS r(
    account text, record_kind text, record_id text, moment text, rule text,
    was timestamptz, next_at timestamptz, processed_until timestamptz,
"""
    + OCCURRENCE_COLUMNS
    + """
)
WHERE
    t.account = r.account AND t.record_kind = r.record_kind AND t.record_id = r.record_id AND t.moment = r.moment
    AND t.rule = r.rule AND t.next_at = r.was
RETURNING r.*
"""
)

#: Without waiting: who has an entry in hand meanwhile makes its timers anew anyway.
QUARANTINE = """
UPDATE calendar AS c
SET corrections = array_append(array_remove(c.corrections, %(quarantined)s), %(quarantined)s)
FROM (
    SELECT k.account, k.record_kind, k.record_id, k.moment
    FROM calendar AS k
    INNER JOIN json_to_recordset(%(entries)s::json) AS r(account text, record_kind text, record_id text, moment text)
        ON k.account = r.account AND k.record_kind = r.record_kind AND k.record_id = r.record_id AND k.moment = r.moment
    FOR UPDATE OF k SKIP LOCKED
) AS f
WHERE c.account = f.account AND c.record_kind = f.record_kind AND c.record_id = f.record_id AND c.moment = f.moment
"""

ADVANCE = "WITH advanced AS (" + MOVE_ON + EMITTED


@dataclass(frozen=True, slots=True)
class Due:
    entry: Entry
    rule: str
    next_at: datetime
    record: Record

    @property
    def account(self) -> str:
        return self.entry.account


@dataclass(frozen=True, slots=True)
class Advanced:
    due: Due
    fired: Fired


def due(connection: Connection, *, tzdata: str, limit: int, now: datetime) -> list[Due]:
    """Lock due timers that nobody else holds, the oldest first; `tzdata` is the caller's version of the time zones."""
    rows = connection.execute(DUE, {"tzdata": tzdata, "limit": limit, "now": now})
    return [Due(entry_of_row(row[:11]), row[11], row[12], load(row[1], row[13])) for row in rows]


def advance(connection: Connection, advanced: Iterable[Advanced], *, now: datetime) -> dict[str, int]:
    timers = as_rows(map(moves, advanced))
    if timers == NONE:
        return {}
    rows = connection.execute(ADVANCE, {"timers": timers, "now": now})
    return Counter(state for (state,) in rows)


def quarantine(connection: Connection, entries: Iterable[Entry]) -> None:
    rows = as_rows(map(ENTRY_KEY, entries))
    if rows != NONE:
        connection.execute(QUARANTINE, {"entries": rows, "quarantined": QUARANTINED})


def moves(advanced: Advanced) -> dict[str, object]:
    due, fired = advanced.due, advanced.fired
    return {
        **(columns(due.entry, fired.emission) if fired.emission else {}),
        **ENTRY_KEY(due.entry),
        "rule": due.rule,
        "was": due.next_at,
        "next_at": fired.next_at,
        "processed_until": fired.processed_until,
    }

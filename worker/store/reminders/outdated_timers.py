"""Entries of the calendar whose timers are to be computed, and the timers written down."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from worker.core.reminders.calendar_entry import Entry
from worker.core.reminders.date_warnings import QUARANTINED
from worker.store.db.postgres import Connection, as_rows, columns_of
from worker.store.reminders.calendar_entries import ENTRY_COLUMNS, entry_of_row

#: One scheduler times an account, only so that they do not all do the same; and none whose time zones are
#: older than those that another one knows. Any account may be the next: a million entries of one do not keep another's
#: new one waiting.
ACCOUNTS = """
SELECT a.id, a.rules_version, a.rules_since
FROM (SELECT id, rules_version, rules_since FROM accounts ORDER BY random()) AS a
WHERE
    NOT EXISTS (SELECT FROM tzdata_version AS w WHERE w.tzdata > %(tzdata)s)
    AND CASE
        WHEN EXISTS (SELECT FROM calendar AS c WHERE c.account = a.id AND c.rules_version < a.rules_version)
            THEN pg_try_advisory_xact_lock(hashtextextended('timers of ' || a.id, 0))
        ELSE FALSE
    END
LIMIT %(limit)s
"""

ENTRIES = f"""
SELECT
    {ENTRY_COLUMNS}, c.since, c.rules_version, t.rules, t.next_ats, t.processed_untils
FROM calendar AS c
LEFT JOIN LATERAL (
    SELECT array_agg(rule) AS rules, array_agg(next_at) AS next_ats, array_agg(processed_until) AS processed_untils
    FROM timers
    WHERE account = c.account AND record_kind = c.record_kind AND record_id = c.record_id AND moment = c.moment
) AS t ON TRUE
WHERE c.account = %(account)s AND c.rules_version < %(rules_version)s
LIMIT %(limit)s
"""

#: Only entries that are as they were read: one that changed meanwhile is timed again. Its timers lie in its own row:
#: to find them among the others, two thousand would be compared with two thousand. So would entries, but for OFFSET 0:
#: each is looked up by its own key, whatever PostgreSQL believes of an account's number of them.
RETIME = """
WITH timed AS (
    UPDATE calendar AS c SET
        rules_version = %(rules_version)s,
        corrections = CASE
            WHEN r.is_quarantined THEN array_append(array_remove(c.corrections, %(quarantined)s), %(quarantined)s)
            ELSE array_remove(c.corrections, %(quarantined)s)
        END
    FROM json_to_recordset(%(entries)s::json) AS r(
        record_kind text, record_id text, moment text, version bigint, changed_at timestamptz, was bigint,
        is_quarantined boolean, timers json
    )
    CROSS JOIN LATERAL (
        SELECT k.ctid
        FROM calendar AS k
        WHERE
            k.account = %(account)s AND k.record_kind = r.record_kind
            AND k.record_id = r.record_id AND k.moment = r.moment
        OFFSET 0
    ) AS entry
    WHERE
        c.ctid = entry.ctid AND c.rules_version = r.was AND c.changed_at = r.changed_at
        AND c.version IS NOT DISTINCT FROM r.version
    RETURNING c.record_kind, c.record_id, c.moment, r.timers
),
unwanted AS (
    DELETE FROM timers AS t
    USING timed AS e
    WHERE
        t.account = %(account)s AND t.record_kind = e.record_kind AND t.record_id = e.record_id AND t.moment = e.moment
        AND NOT EXISTS (SELECT FROM json_to_recordset(e.timers) AS w(rule text) WHERE t.rule = w.rule)
),
kept AS (
    INSERT INTO timers (account, record_kind, record_id, moment, rule, next_at, processed_until, rules_version)
    SELECT %(account)s, e.record_kind, e.record_id, e.moment, w.rule, w.next_at, w.processed_until, %(rules_version)s
    FROM timed AS e
    CROSS JOIN LATERAL json_to_recordset(e.timers) AS w(rule text, next_at timestamptz, processed_until timestamptz)
    ON CONFLICT (account, record_kind, record_id, moment, rule) DO UPDATE SET
        next_at = excluded.next_at, processed_until = excluded.processed_until, rules_version = excluded.rules_version
)
SELECT count(*) FROM timed
"""


@dataclass(frozen=True, slots=True)
class Rules:
    """An account's rules that some entries are not scheduled by yet: their version, and since when they hold."""

    account: str
    version: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """A timer: when it fires next, and until when everything is processed."""

    next_at: datetime | None
    processed_until: datetime


@dataclass(frozen=True, slots=True)
class Outdated:
    """An entry whose timers are outdated.

    Attributes:
        since: since when its moment is unchanged.
        rules_version: what it was scheduled by, below zero where its record was saved since; 0 if it never was.
    """

    entry: Entry
    since: datetime
    rules_version: int
    timers: dict[str, Known]

    @property
    def is_new(self) -> bool:
        return not self.rules_version and not self.timers


@dataclass(frozen=True, slots=True)
class Timed:
    """An entry with its new timers by rule; `is_quarantined` where they cannot be computed."""

    outdated: Outdated
    timers: dict[str, Known]
    is_quarantined: bool = False


def accounts(connection: Connection, *, tzdata: str, limit: int) -> list[Rules]:
    """Lock some accounts with outdated entries, in the order in which whoever accepts events locks their entries.

    `tzdata` is the caller's version of the time zones.
    """
    rows = connection.execute(ACCOUNTS, {"tzdata": tzdata, "limit": limit})
    return sorted((Rules(*row) for row in rows), key=lambda rules: rules.account)


def entries(connection: Connection, rules: Rules, *, limit: int) -> list[Outdated]:
    values = {"account": rules.account, "rules_version": rules.version, "limit": limit}
    return [
        Outdated(entry_of_row(row[:11]), row[11], row[12], known(*row[13:]))
        for row in connection.execute(ENTRIES, values)
    ]


def known(rules: Sequence[str] | None, *columns: Sequence[Any]) -> dict[str, Known]:
    return {rule: Known(*rest) for rule, *rest in zip(rules, *columns, strict=True)} if rules else {}


def retime(connection: Connection, rules: Rules, timed: Iterable[Timed]) -> int:
    """Write timers; count entries that are unchanged since they were read."""
    ordered = sorted(timed, key=lambda timed: timed.outdated.entry.identity)
    entries = as_rows(map(columns, ordered))
    values = {
        "account": rules.account,
        "rules_version": rules.version,
        "entries": entries,
        "quarantined": QUARANTINED,
    }
    row = connection.execute(RETIME, values).fetchone()
    return row[0] if row else 0


READ_COLUMNS = columns_of("record_kind", "record_id", "moment", "version", "changed_at")


def columns(timed: Timed) -> dict[str, object]:
    return {
        **READ_COLUMNS(timed.outdated.entry),
        "was": timed.outdated.rules_version,
        "is_quarantined": timed.is_quarantined,
        "timers": [{"rule": rule, **asdict(timer)} for rule, timer in timed.timers.items()],
    }

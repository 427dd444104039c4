"""Deletes and clears what is past its retention: months, bodies, texts and phones, keys, letters, notes, counters."""

import time
from collections.abc import Mapping
from datetime import UTC, date, datetime

from worker.core.privacy.retention import kept_since
from worker.store import retention
from worker.store.access import sessions
from worker.store.audit import audit
from worker.store.db import partitions
from worker.store.db.postgres import Connection, Pool, clock, transaction
from worker.store.privacy import clearing, retention_days
from worker.store.reminders import calendar_entries

#: Pages of the calendar of one transaction.
PAGES = 500
HOURS = 24


def purge(pool: Pool) -> int:
    """Delete and clear for a while what is past its time; the rest has time until the next run."""
    with transaction(pool) as connection:
        now = clock(connection)
        since = kept_since(now, retention_days.days_of(connection))
    values = {**since, "now": now, "before": since["keys"].date()}
    with pool.connection() as connection:
        purged = len(partitions.drop_free(connection, before=since["history"].date()))
        purged += sum(retention.purge(connection, statement, values) for statement in retention.ALL)
        purged += sum(clear(connection, cleared, since) for cleared in clearing.ALL)
        purged += audit.purge(connection, before=since["audit"])
        purged += sessions.purge(connection, now=now)
    return purged + purge_calendar(pool, now, since["keys"].date())


def clear(connection: Connection, cleared: clearing.Cleared, since: Mapping[str, datetime]) -> int:
    count, more, ends_at = 0, True, time.monotonic() + retention.RUN_S
    while more and time.monotonic() < ends_at:
        with connection.transaction():
            rows, more = clearing.clear_some(connection, cleared, before=since[cleared.kind], slice_=retention.SLICE)
        count += rows
    return count


def purge_calendar(pool: Pool, now: datetime, before: date) -> int:
    """Delete past entries of one part of the calendar: each part has its own hour of the day."""
    with transaction(pool) as connection:
        pages = calendar_entries.pages(connection)
    hour, ends_at = now.astimezone(UTC).hour, time.monotonic() + retention.RUN_S
    purged, last = 0, pages * (hour + 1) // HOURS
    for page in range(pages * hour // HOURS, last, PAGES):
        if time.monotonic() > ends_at:
            break
        with transaction(pool) as connection:
            purged += calendar_entries.purge(connection, before, range(page, min(page + PAGES, last)))
    return purged

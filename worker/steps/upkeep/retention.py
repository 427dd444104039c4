"""Deletes what is past its retention: old keys, callbacks, counters of limits and spending, silent schedulers."""

import time
from datetime import UTC, date, datetime

from worker.store import retention
from worker.store.db.postgres import Pool, clock, transaction
from worker.store.reminders import calendar_entries

#: A fact that is published again after so many months is sent again; nobody publishes so late.
MONTHS = 13
#: Pages of the calendar of one transaction.
PAGES = 500
HOURS = 24


def purge(pool: Pool) -> int:
    with transaction(pool) as connection:
        now = clock(connection)
    values = {"now": now, "before": first_kept(now)}
    with pool.connection() as connection:
        purged = sum(retention.purge(connection, statement, values) for statement in retention.ALL)
    return purged + purge_calendar(pool, now)


def purge_calendar(pool: Pool, now: datetime) -> int:
    """Delete past entries of one part of the calendar: each part has its own hour of the day."""
    with transaction(pool) as connection:
        pages = calendar_entries.pages(connection)
    hour, ends_at = now.astimezone(UTC).hour, time.monotonic() + retention.RUN_S
    purged, last = 0, pages * (hour + 1) // HOURS
    for page in range(pages * hour // HOURS, last, PAGES):
        if time.monotonic() > ends_at:
            break
        with transaction(pool) as connection:
            purged += calendar_entries.purge(connection, first_kept(now), range(page, min(page + PAGES, last)))
    return purged


def first_kept(now: datetime) -> date:
    """The first day of the first month that is kept."""
    months = now.year * 12 + now.month - 1 - MONTHS
    return date(months // 12, months % 12 + 1, 1)

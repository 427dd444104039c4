"""Deletes what is past its retention: old keys, callbacks, counters of limits and spending, silent schedulers."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial

from worker.store.db.postgres import Connection, Pool, clock, transaction
from worker.store.ingest import dead_letters, dedupe_keys
from worker.store.monitoring import task_status
from worker.store.receipts import callbacks
from worker.store.reminders import calendar_entries, occurrences
from worker.store.sending import contact_log, hourly_volumes
from worker.store.spending import balances, daily_spending


def purge_counters(pool: Pool) -> int:
    with transaction(pool) as connection:
        now = clock(connection)
        purged = hourly_volumes.purge(connection, now=now) + balances.purge(connection, now=now)
        purged += daily_spending.purge(connection, day=now.date() - timedelta(days=daily_spending.KEPT_DAYS))
    with pool.connection() as connection:
        return purged + contact_log.purge_contacts(connection, now=now)


#: A fact that is told again after so many months would be told twice; nobody publishes so late.
MONTHS = 13
#: A scheduler that said nothing for so long is gone.
SILENT = timedelta(days=1)
#: How long a dead letter is kept that somebody replayed or dropped.
CLOSED = timedelta(days=90)
#: Rows of one transaction.
SLICE = 5_000
#: Pages of the calendar of one transaction.
PAGES = 500
HOURS = 24
#: How long one run deletes rows of a kind: the rest has time, and whoever runs it must be seen to turn.
RUN_S = 10.0

Purge = Callable[[Connection, date, int], int]


def purge(pool: Pool) -> int:
    with transaction(pool) as connection:
        now = clock(connection)
        purged = task_status.purge(connection, before=now - SILENT)
    first = first_kept(now)
    purge_dead_letters = partial(dead_letters.purge, closed_before=now - CLOSED)
    purges: tuple[Purge, ...] = (
        dedupe_keys.purge_events,
        dedupe_keys.purge_notifications,
        occurrences.purge,
        callbacks.purge,
        purge_dead_letters,
    )
    return purged + sum(in_slices(pool, purge_slice, first) for purge_slice in purges) + purge_calendar(pool, now)


def purge_calendar(pool: Pool, now: datetime) -> int:
    """Delete past entries of one part of the calendar: each part has its own hour of the day."""
    with transaction(pool) as connection:
        pages = calendar_entries.pages(connection)
    hour, ends_at = now.astimezone(UTC).hour, time.monotonic() + RUN_S
    purged, last = 0, pages * (hour + 1) // HOURS
    for page in range(pages * hour // HOURS, last, PAGES):
        if time.monotonic() > ends_at:
            break
        with transaction(pool) as connection:
            purged += calendar_entries.purge(connection, first_kept(now), range(page, min(page + PAGES, last)))
    return purged


def first_kept(now: datetime) -> date:
    months = now.year * 12 + now.month - 1 - MONTHS
    return date(months // 12, months % 12 + 1, 1)


def in_slices(pool: Pool, purge_slice: Purge, before: date) -> int:
    """Delete slice by slice, so that nobody waits for long."""
    purged, ends_at = 0, time.monotonic() + RUN_S
    while time.monotonic() < ends_at:
        with transaction(pool) as connection:
            count = purge_slice(connection, before, SLICE)
        purged += count
        if count < SLICE:
            break
    return purged

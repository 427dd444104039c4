"""Rows past their retention, deleted slice by slice so that nobody waits for long."""

import time
from collections.abc import Mapping
from typing import LiteralString

from worker.store.db.partitions import PARENTS
from worker.store.db.postgres import Connection

SLICE = 5_000
#: How long one run deletes rows of a kind: the rest has time, and whoever runs it must be seen to turn.
RUN_S = 10.0


def some_of(table: LiteralString, where: LiteralString) -> LiteralString:
    """Delete a slice of these rows, without waiting for whoever holds some."""
    return f"""
DELETE FROM {table}
WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE {where} LIMIT %(slice)s FOR UPDATE SKIP LOCKED))
"""


EVENT_KEYS = some_of("event_keys", "month < %(before)s")
NOTIFICATION_KEYS = some_of("notification_keys", "month < %(before)s")
OCCURRENCES = some_of("occurrences", "settled_at < %(before)s::date")

#: Account by account, for an index knows how old an account's are.
CALLBACKS = """
DELETE FROM callbacks
WHERE ctid = ANY(ARRAY(
    SELECT old.ctid
    FROM accounts AS a
    CROSS JOIN LATERAL (
        SELECT c.ctid FROM callbacks AS c
        WHERE c.account = a.id AND c.last_at < %(before)s
        ORDER BY c.last_at
        LIMIT %(slice)s
        FOR UPDATE SKIP LOCKED
    ) AS old
    LIMIT %(slice)s
))
"""

#: Some time after they were closed, and open ones with the keys.
DEAD_LETTERS = some_of(
    "dead_letters",
    """
        coalesce(closed_at, last_at) < %(letters)s
        AND (state <> 'open' OR last_at < %(before)s)
    ORDER BY coalesce(closed_at, last_at)
    """,
)

# Hours and not days: a day of the session's time zone may have 23 or 25 of them.
#: What limits of a person and the habit of a phone are counted from: 14 days.
CONTACTS = some_of("contact_log", "at <= %(now)s::timestamptz - interval '336 hours' ORDER BY at")
#: What the habit of a trigger is counted from.
VOLUMES = some_of("hourly_volumes", "hour < date_trunc('hour', %(now)s::timestamptz, 'UTC') - interval '336 hours'")
#: A forecast looks back less than eight days.
BALANCES = some_of("balances", "at < %(now)s::timestamptz - interval '192 hours'")
#: Days of the account's own; nothing asks for older ones.
SPENDING = some_of("spending", "day < (%(now)s::timestamptz AT TIME ZONE 'UTC')::date - 40")
#: Of schedulers that have ended.
TASK_STATUSES = some_of("task_statuses", "reported_at < %(now)s::timestamptz - interval '24 hours'")

#: Proposals that nobody agreed to, and what was done; the audit has it for longer.
JOBS = some_of(
    "jobs",
    """
        asked_at < %(now)s::timestamptz - interval '24 hours' AND state = 'proposed'
        OR settled_at < %(now)s::timestamptz - interval '720 hours'
    """,
)

#: What TurboSMS said of texts goes with their months.
MESSAGES = some_of("provider_messages", "accepted_at < %(history)s")
#: What lies in the default partition of a month that was dropped.
LEFT_OVER: tuple[LiteralString, ...] = tuple(some_of(table, "month < %(history)s::date") for table in PARENTS)
ERASURES = some_of("erasures", "finished_at < %(audit)s")
#: A key of the API that has ended goes with the notes of who made it.
API_KEYS = some_of("api_keys", "coalesce(revoked_at, expires_at) < %(audit)s")

ALL: tuple[LiteralString, ...] = (
    *(EVENT_KEYS, NOTIFICATION_KEYS, OCCURRENCES, CALLBACKS, DEAD_LETTERS),
    *(CONTACTS, VOLUMES, BALANCES, SPENDING, TASK_STATUSES, JOBS),
    *(MESSAGES, *LEFT_OVER, ERASURES, API_KEYS),
)


def purge(
    connection: Connection, statement: LiteralString, values: Mapping[str, object], *, slice_: int = SLICE
) -> int:
    """Delete rows, and count them; each slice has a transaction of its own if the connection is not inside one.

    `values` are the time (`now`), the first day whose keys are kept (`before`), and since when data of each kind is.
    """
    purged, count, ends_at = 0, slice_, time.monotonic() + RUN_S
    while count == slice_ and time.monotonic() < ends_at:
        with connection.transaction():
            count = connection.execute(statement, {**values, "slice": slice_}).rowcount
        purged += count
    return purged

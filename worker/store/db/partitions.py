"""One partition a month, kept three months ahead."""

from contextlib import suppress
from datetime import date, datetime

from psycopg.errors import LockNotAvailable
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random

from worker.store.db.migration_steps import holder
from worker.store.db.postgres import Connection

PARENTS = ("events", "notifications", "search_entries", "transitions", "attempts")

KEEP = "SELECT keep_partitions(%(parent)s, %(now)s)"
DROP = "SELECT drop_month(%(parent)s, %(before)s)"

#: Writers come first.
PATIENT = retry(
    retry=retry_if_exception_type(LockNotAvailable),
    stop=stop_after_attempt(5),
    wait=wait_random(0.1, 0.5),
    reraise=True,
)


def keep(connection: Connection, *, now: datetime) -> list[str]:
    """Create the partitions that are missing and name them; several processes may do so at once.

    Each table has a transaction of its own, so the connection must not be inside one. Writers come first: a lock that
    is not free in half a second is asked for again, a few times.

    Raises:
        psycopg.errors.LockNotAvailable: a table is too busy just now; those before it are done.
    """
    return [name for parent in PARENTS for name in keep_partitions_of(connection, parent, now=now)]


@PATIENT
def keep_partitions_of(connection: Connection, parent: str, *, now: datetime) -> list[str]:
    with connection.transaction():
        return [row[0] for row in connection.execute(KEEP, {"parent": parent, "now": now})]


def keep_if_free(connection: Connection, *, now: datetime) -> list[str] | str:
    """As `keep`, or describe who prevents it, such as a dump. There is time: partitions exist for months ahead."""
    try:
        return keep(connection, now=now)
    except LockNotAvailable:
        return holder(connection, [f"{parent}_default" for parent in PARENTS]) or "A table was busy"


def drop_free(connection: Connection, *, before: date) -> list[str]:
    """Drop whole months that are older than a day, and name them; a table that is busy keeps its own for now.

    Each has a transaction of its own, so the connection must not be inside one.
    """
    dropped: list[str] = []
    for parent in PARENTS:
        with suppress(LockNotAvailable):
            while names := drop_oldest(connection, parent, before=before):
                dropped += names
    return dropped


@PATIENT
def drop_oldest(connection: Connection, parent: str, *, before: date) -> list[str]:
    with connection.transaction():
        return [row[0] for row in connection.execute(DROP, {"parent": parent, "before": before})]

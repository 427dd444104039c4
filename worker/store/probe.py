"""Whether PostgreSQL takes our writes: there, not read-only, not full, and migrated to what this code knows."""

from __future__ import annotations

import psycopg

from worker.store import migrations
from worker.store.postgres import CONNECT_TIMEOUT_S, Pool, transaction

WRITE = """
INSERT INTO write_probes (at) VALUES (clock_timestamp())
ON CONFLICT (one) DO UPDATE SET at = excluded.at
"""


def refusal(pool: Pool) -> str | None:
    """Why the pool's connections cannot write now; None when they can."""
    try:
        with transaction(pool) as connection:
            connection.execute(WRITE)
    except psycopg.Error as error:
        return words(error)
    return None


def obstacle(url: str) -> str | None:
    """Why PostgreSQL cannot be written to, in words with a hint; None when it can."""
    options = "-c statement_timeout=3000 -c lock_timeout=2000"
    try:
        with psycopg.connect(
            url, connect_timeout=CONNECT_TIMEOUT_S, options=options, application_name="perfectum-sms probe"
        ) as connection:
            missing = migrations.lacking(connection)
            if missing:
                more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
                return f"run perfectum-sms migrate: the schema lacks {missing[0]}{more}"
            if obstacle := migrations.too_old(connection):
                return obstacle
            connection.execute(WRITE)
    except psycopg.Error as error:
        return words(error)
    return None


def words(error: psycopg.Error) -> str:
    """What PostgreSQL said, without what it says of values and hosts."""
    return f"{type(error).__name__} ({error.sqlstate or 'no answer'})"

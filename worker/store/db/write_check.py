"""Whether PostgreSQL takes our writes: there, not read-only, not full, and migrated to what this code knows."""

import psycopg

from worker.store.db import migrations
from worker.store.db.error_messages import describe, explain
from worker.store.db.pooler import insist_on_own_server
from worker.store.db.postgres import Pool, transaction
from worker.store.db.session import SPEECH, Session, UnfitError

BRIEF = {**SPEECH, "statement_timeout": "3s", "lock_timeout": "2s"}

WRITE = """
INSERT INTO write_checks (at) VALUES (clock_timestamp())
ON CONFLICT (singleton) DO UPDATE SET at = excluded.at
"""


def refusal(pool: Pool) -> str | None:
    """Why the pool's connections cannot write now; None when they can."""
    try:
        with transaction(pool) as connection:
            connection.execute(WRITE)
    except psycopg.Error as error:
        return describe(error)
    return None


def obstacle(url: str) -> str | None:
    """As `look`; an unfit server is an obstacle too."""
    try:
        return look(url)
    except UnfitError as error:
        return explain(error)


def look(url: str) -> str | None:
    """Why PostgreSQL cannot be written to, with a hint; None when it can.

    Raises:
        UnfitError: PostgreSQL is there, but its sessions are not what our SQL needs.
    """
    try:
        with Session.connect(url, settings=BRIEF, application_name="perfectum-sms probe") as connection:
            insist_on_own_server(connection, url)
            missing = migrations.lacking(connection)
            if missing:
                more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
                return f"run perfectum-sms migrate: the schema lacks {missing[0]}{more}"
            if obstacle := migrations.too_old(connection):
                return obstacle
            connection.execute(WRITE)
    except UnfitError:
        raise
    except psycopg.Error as error:
        return explain(error)
    return None

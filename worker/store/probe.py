"""Whether PostgreSQL takes our writes: there, not read-only, not full, and migrated to what this code knows."""

from __future__ import annotations

import psycopg

from worker.store import migrations
from worker.store.postgres import CONNECT_TIMEOUT_S

WRITE = """
INSERT INTO write_probes (at) VALUES (clock_timestamp())
ON CONFLICT (one) DO UPDATE SET at = excluded.at
"""


def obstacle(url: str) -> str | None:
    """Why PostgreSQL cannot be written to, in words with a hint; None when it can."""
    options = "-c statement_timeout=3000 -c lock_timeout=2000"
    try:
        with psycopg.connect(url, connect_timeout=CONNECT_TIMEOUT_S, options=options) as connection:
            missing = migrations.lacking(connection)
            if missing:
                return f"the schema lacks {', '.join(missing)}: run perfectum-sms migrate"
            connection.execute(WRITE)
    except psycopg.Error as error:
        return f"{type(error).__name__} ({error.sqlstate or 'no answer'})"
    return None

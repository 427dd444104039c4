"""Who keeps a table from a session that needs a lock on it."""

from __future__ import annotations

import re
from collections.abc import Collection

from worker.store.db.postgres import Connection

OLDEST = """
SELECT c.relname, a.pid, coalesce(nullif(a.application_name, ''), a.usename, 'a session'), a.xact_start
FROM pg_locks AS l
INNER JOIN pg_class AS c ON l.relation = c.oid
INNER JOIN pg_database AS d ON l.database = d.oid
INNER JOIN pg_stat_activity AS a ON l.pid = a.pid
WHERE
    l.locktype = 'relation' AND l.granted AND l.pid <> pg_backend_pid()
    AND d.datname = current_database() AND c.relname = ANY(%(tables)s)
ORDER BY a.xact_start
LIMIT 1
"""
WORD = re.compile(r"\w+")


def holder(connection: Connection, tables: Collection[str]) -> str | None:
    """The oldest transaction that uses one of these tables, in words; None where nobody does any longer."""
    found = connection.execute(OLDEST, {"tables": list(tables)}).fetchone()
    if found is None:
        return None
    table, pid, name, since = found
    began = f", in one transaction since {since:%H:%M:%S} UTC" if since else ""
    return f"{table} is in use by {name} (process {pid} of PostgreSQL{began})"


def named_in(statement: str) -> set[str]:
    """Every word of a statement: the tables that it locks are among them."""
    return set(WORD.findall(statement))

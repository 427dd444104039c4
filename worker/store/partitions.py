"""One partition a month, kept three months ahead."""

from __future__ import annotations

from datetime import datetime

from worker.store.postgres import Connection

# Any number will do; it must only be the same for all who keep partitions, as several schedulers may do at once.
LOCK = 7_032_027

KEEP = """
WITH alone AS MATERIALIZED (SELECT pg_advisory_xact_lock(%(lock)s))
SELECT keep_partitions(%(now)s) FROM alone
"""


def keep(connection: Connection, *, now: datetime) -> list[str]:
    """Make the partitions that are missing and name them; whoever comes second waits and makes none."""
    return [row[0] for row in connection.execute(KEEP, {"lock": LOCK, "now": now})]

"""One partition a month, kept three months ahead."""

from __future__ import annotations

from datetime import datetime

from worker.store.postgres import Connection

KEEP = "SELECT keep_partitions(%(now)s)"


def keep(connection: Connection, *, now: datetime) -> list[str]:
    """Make the partitions that are missing and name them."""
    return [row[0] for row in connection.execute(KEEP, {"now": now})]

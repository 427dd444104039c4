"""What limits and habits are made of is forgotten after a fortnight."""

from __future__ import annotations

from worker.store import tellings, volumes
from worker.store.postgres import Pool, clock, transaction


def forget(pool: Pool) -> int:
    """Delete what is too old to count; the answer counts rows."""
    with transaction(pool) as connection:
        now = clock(connection)
        hours = volumes.forget(connection, now=now)
    with pool.connection() as connection:
        return hours + tellings.forget(connection, now=now)

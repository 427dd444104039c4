"""What limits and habits are made of is forgotten after a fortnight, and what was spent after some weeks."""

from __future__ import annotations

from datetime import timedelta

from worker.store import balances, spending, tellings, volumes
from worker.store.postgres import Pool, clock, transaction


def forget(pool: Pool) -> int:
    """Delete what is too old to count; the answer counts rows."""
    with transaction(pool) as connection:
        now = clock(connection)
        hours = volumes.forget(connection, now=now) + balances.forget(connection, now=now)
        hours += spending.forget(connection, day=now.date() - timedelta(days=spending.KEPT_DAYS))
    with pool.connection() as connection:
        return hours + tellings.forget(connection, now=now)

"""What limits and habits are made of is forgotten after a fortnight, and what was spent after some weeks."""

from __future__ import annotations

from datetime import timedelta

from worker.store.db.postgres import Pool, clock, transaction
from worker.store.sending import contact_log, hourly_volumes
from worker.store.spending import balances, daily_spending


def forget(pool: Pool) -> int:
    """Delete what is too old to count; the answer counts rows."""
    with transaction(pool) as connection:
        now = clock(connection)
        hours = hourly_volumes.forget(connection, now=now) + balances.forget(connection, now=now)
        hours += daily_spending.forget(connection, day=now.date() - timedelta(days=daily_spending.KEPT_DAYS))
    with pool.connection() as connection:
        return hours + contact_log.forget(connection, now=now)

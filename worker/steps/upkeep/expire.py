"""Rows of accounts that stand still say so when they come too late: nobody claims them, who would notice?"""

from __future__ import annotations

from worker.steps.effects import Moved, moved
from worker.store.db.postgres import Pool, clock, transaction
from worker.store.sending import due_notifications


def expire(pool: Pool) -> tuple[Moved, ...]:
    """End what came too late in paused accounts; the answer counts rows."""
    with transaction(pool) as connection:
        lanes = due_notifications.expire(connection, now=clock(connection))
    return moved({(lane, "expired"): rows for lane, rows in lanes.items()})

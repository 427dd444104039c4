"""What is due and that nobody looks at."""

from datetime import datetime, timedelta

from worker.store.db.postgres import Connection
from worker.store.sending.pauses import CLOSED

#: What is due is looked at every few seconds.
LATE = timedelta(minutes=2)

#: What is paused is late for another reason.
OLDEST = f"""
SELECT least(
    (SELECT min(next_at) FROM timers WHERE next_at < %(before)s),
    (SELECT min(due_at) FROM occurrences WHERE state = 'pending' AND due_at < %(before)s),
    (
        SELECT min(f.due_at) FROM accounts AS a
        CROSS JOIN LATERAL (
            SELECT n.due_at FROM notifications AS n
            WHERE n.account = a.id AND n.waits_until < %(before)s
            ORDER BY n.waits_until
            LIMIT 1
        ) AS f
        WHERE a.id NOT IN ({CLOSED})
    )
)
"""


def late_since(connection: Connection, *, now: datetime) -> datetime | None:
    """Since when something due has been left; None where nothing is."""
    row = connection.execute(OLDEST, {"before": now - LATE}).fetchone()
    return row[0] if row else None

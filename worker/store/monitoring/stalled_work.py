"""What waits for a person: texts beyond a budget, and what is due and that nobody looks at."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.core.spending.budget import REASON
from worker.store.db.postgres import Connection
from worker.store.sending.pauses import CLOSED

#: Not more rows than this are counted.
MOST = 50_000
#: What is due is looked at every few seconds.
LATE = timedelta(minutes=2)

WAITING = """
SELECT w.account, count(*), min(w.due_at)
FROM (
    SELECT account, due_at FROM notifications
    WHERE state = 'postponed' AND reason = %(reason)s
    LIMIT %(most)s
) AS w
GROUP BY w.account
ORDER BY w.account
"""

#: What is paused is late for another reason.
OLDEST = f"""
SELECT least(
    (SELECT min(next_at) FROM timers WHERE next_at < %(before)s),
    (SELECT min(due_at) FROM occurrences WHERE state = 'pending' AND due_at < %(before)s),
    (
        SELECT min(f.due_at) FROM accounts AS a
        CROSS JOIN LATERAL (
            SELECT n.due_at FROM notifications AS n
            WHERE n.account = a.id AND n.state IN ('planned', 'postponed') AND n.due_at < %(before)s
            ORDER BY n.due_at
            LIMIT 1
        ) AS f
        WHERE a.id NOT IN ({CLOSED})
    )
)
"""


@dataclass(frozen=True, slots=True)
class OverBudget:
    """Texts of an account that wait for another day, or for a larger budget."""

    account: str
    texts: int
    until: datetime


def over_budget(connection: Connection) -> list[OverBudget]:
    return [OverBudget(*row) for row in connection.execute(WAITING, {"reason": REASON, "most": MOST})]


def late_since(connection: Connection, *, now: datetime) -> datetime | None:
    """Since when something due has been left; None where nothing is."""
    row = connection.execute(OLDEST, {"before": now - LATE}).fetchone()
    return row[0] if row else None

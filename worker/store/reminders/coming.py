"""Reminders that the clock will set off, counted by day and trigger."""

from dataclasses import dataclass
from datetime import date, datetime

from worker.store.db.postgres import Connection

#: Those that are due soon lie together in the index over their moments, whoever's they are.
COMING = """
SELECT (t.next_at AT TIME ZONE %(zone)s)::date, t.rule, count(*)
FROM timers AS t
WHERE t.account = %(account)s AND t.next_at < %(until)s
GROUP BY 1, 2
ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Coming:
    """Reminders of a day; of each record its next alone."""

    day: date
    trigger: str
    reminders: int


def coming(connection: Connection, account: str, *, until: datetime, zone: str) -> list[Coming]:
    rows = connection.execute(COMING, {"account": account, "until": until, "zone": zone})
    return [Coming(day, trigger, reminders) for day, trigger, reminders in rows]

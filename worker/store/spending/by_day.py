"""What an account's triggers have taken, day by day."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from worker.store.db.postgres import Connection

TAKEN = """
SELECT
    day, trigger, sum(CASE WHEN is_refund THEN -segments ELSE segments END),
    sum(CASE WHEN is_refund THEN -cost ELSE cost END)
FROM spending
WHERE account = %(account)s AND day BETWEEN %(since)s AND %(until)s
GROUP BY day, trigger
ORDER BY day, trigger
"""


@dataclass(frozen=True, slots=True)
class TakenOnDay:
    """Segments and hryvnias as they were expected, less what was given back."""

    day: date
    trigger: str
    segments: int
    cost: Decimal


def taken_by_day(connection: Connection, account: str, *, since: date, until: date) -> list[TakenOnDay]:
    rows = connection.execute(TAKEN, {"account": account, "since": since, "until": until})
    return [TakenOnDay(day, trigger, int(segments), cost) for day, trigger, segments, cost in rows]

"""What each trigger of an account has taken over some days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from worker.store.db.postgres import Connection

TAKEN = """
SELECT
    trigger, max(day), sum(CASE WHEN is_refund THEN -segments ELSE segments END),
    sum(CASE WHEN is_refund THEN -cost ELSE cost END)
FROM spending
WHERE account = %(account)s AND day >= %(since)s
GROUP BY trigger
"""


@dataclass(frozen=True, slots=True)
class TakenByTrigger:
    """Segments and hryvnias, less what was given back; `last` is the last day on which anything was taken."""

    last: date
    segments: int
    cost: Decimal


def taken_by_trigger(connection: Connection, account: str, *, since: date) -> Mapping[str, TakenByTrigger]:
    rows = connection.execute(TAKEN, {"account": account, "since": since})
    return {trigger: TakenByTrigger(last, int(segments), cost) for trigger, last, segments, cost in rows}

"""What each trigger of an account has sent lately, and what did not arrive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.core.lanes import LANES
from worker.store.db.postgres import Connection

#: Hours in which something went; kept for two weeks.
SENT = """
SELECT trigger, sum(sent), max(hour) FROM hourly_volumes
WHERE account = %(account)s AND hour >= %(since)s
GROUP BY trigger
"""

#: What did not go or did not arrive is little, and has an index; of a flood the newest of each end are counted.
NOT_SENT = """
SELECT n.trigger, count(*)
FROM unnest(%(ends)s::text []) AS e(ended_as)
CROSS JOIN LATERAL (
    SELECT w.trigger, w.created_at
    FROM notifications AS w
    WHERE w.account = %(account)s AND w.ended_as = e.ended_as
        AND w.month >= date_trunc('month', %(since)s::timestamptz)::date
    ORDER BY w.id DESC
    LIMIT %(most)s
) AS n
WHERE n.created_at >= %(since)s
GROUP BY n.trigger
"""
#: Of each end.
MOST = 3_000
#: What is read has arrived.
ENDS = ("cancelled", "expired", "failed", "refused", "skipped", "unconfirmed", "undelivered")

#: What waits has an index; so much of it is counted.
PLANNED = """
SELECT count(*)
FROM (
    SELECT 1 FROM notifications
    WHERE account = %(account)s AND lane = ANY(%(lanes)s) AND waits_until IS NOT NULL AND trigger = ANY(%(triggers)s)
    LIMIT %(most)s
) AS n
"""
PLANNED_MOST = 50_000


@dataclass(frozen=True, slots=True)
class OfTrigger:
    """Texts that went since, the hour of the last, and texts that did not arrive or did not go.

    Attributes:
        is_least: there may be more that did not: not all of a flood are counted.
    """

    sent: int = 0
    last: datetime | None = None
    not_sent: int = 0
    is_least: bool = False


def by_trigger(connection: Connection, account: str, *, since: datetime) -> Mapping[str, OfTrigger]:
    values = {"account": account, "since": since, "ends": list(ENDS), "most": MOST}
    went = {trigger: (int(sent), last) for trigger, sent, last in connection.execute(SENT, values)}
    otherwise: dict[str, int] = dict(connection.execute(NOT_SENT, values).fetchall())
    is_least = sum(otherwise.values()) >= MOST
    return {
        trigger: OfTrigger(*went.get(trigger, (0, None)), otherwise.get(trigger, 0), is_least)
        for trigger in went.keys() | otherwise.keys()
    }


def planned_of(connection: Connection, account: str, triggers: Sequence[str]) -> int:
    """Count the texts of some triggers that wait to go."""
    values = {"account": account, "triggers": list(triggers), "lanes": list(LANES), "most": PLANNED_MOST}
    return connection.execute(PLANNED, values).fetchall()[0][0]

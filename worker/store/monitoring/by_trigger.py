"""What each trigger of an account has sent lately, and what did not arrive."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from worker.store.db.postgres import Connection

#: Hours in which something went; kept for two weeks.
SENT = """
SELECT trigger, sum(sent), max(hour) FROM hourly_volumes
WHERE account = %(account)s AND hour >= %(since)s
GROUP BY trigger
"""

#: What ended otherwise than well is little, and has an index; of a flood so much is counted.
NOT_SENT = """
SELECT n.trigger, count(*)
FROM (
    SELECT trigger, created_at FROM notifications
    WHERE account = %(account)s AND ended_as IS NOT NULL AND month >= date_trunc('month', %(since)s::timestamptz)::date
    LIMIT %(most)s
) AS n
WHERE n.created_at >= %(since)s
GROUP BY n.trigger
"""
MOST = 20_000


@dataclass(frozen=True, slots=True)
class OfTrigger:
    """Texts that went since, the hour of the last, and texts that did not arrive or did not go."""

    sent: int = 0
    last: datetime | None = None
    not_sent: int = 0


def by_trigger(connection: Connection, account: str, *, since: datetime) -> Mapping[str, OfTrigger]:
    values = {"account": account, "since": since, "most": MOST}
    went = {trigger: (int(sent), last) for trigger, sent, last in connection.execute(SENT, values)}
    otherwise: dict[str, int] = dict(connection.execute(NOT_SENT, values).fetchall())
    return {
        trigger: OfTrigger(*went.get(trigger, (0, None)), otherwise.get(trigger, 0))
        for trigger in went.keys() | otherwise.keys()
    }

"""What happened in the last hour and the last minute, without a look at a whole table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.store.db.postgres import Connection, query_row

#: So many of the newest rows are looked at.
TEXTS, EVENTS = 50_000, 2_000
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)

#: The newest rows are the last of the newest partition.
STATES = """
SELECT
    n.state, count(*) FILTER (WHERE n.created_at > %(since)s), count(*), min(n.created_at)
FROM (
    SELECT state, created_at FROM notifications
    ORDER BY month DESC, id DESC
    LIMIT %(most)s
) AS n
GROUP BY n.state
"""

ARRIVED = """
SELECT count(*), min(e.received_at), count(*) FILTER (WHERE e.received_at > %(since)s)
FROM (
    SELECT received_at FROM events
    ORDER BY month DESC, id DESC
    LIMIT %(most)s
) AS e
"""

DEPARTED = "SELECT count(*) FROM contact_log WHERE at > %(since)s AND at <= %(now)s"


@dataclass(frozen=True, slots=True)
class Lately:
    """What happened lately.

    Attributes:
        states: texts that were planned since `since`, by the state that they are in now.
        since: an hour ago, or later where more texts came than are counted.
        events_per_s: of the last minute, or of the shorter time in which as many came as are counted.
        texts_per_s: of the last minute; a text counts when it is about to be POSTed.
    """

    states: Mapping[str, int]
    since: datetime
    events_per_s: float
    texts_per_s: float


def lately(connection: Connection, *, now: datetime) -> Lately:
    states, since = states_since(connection, now - HOUR)
    departed = query_row(connection, DEPARTED, {"since": now - MINUTE, "now": now})[0]
    return Lately(states, since, arriving(connection, now=now), departed / MINUTE.total_seconds())


def states_since(connection: Connection, since: datetime) -> tuple[dict[str, int], datetime]:
    rows = connection.execute(STATES, {"since": since, "most": TEXTS}).fetchall()
    is_cut = sum(seen for _, _, seen, _ in rows) == TEXTS
    first = min((oldest for *_, oldest in rows), default=since)
    return {state: count for state, count, *_ in rows if count}, max(since, first) if is_cut else since


def arriving(connection: Connection, *, now: datetime) -> float:
    """Events a second of the last minute, or of the shorter time in which the newest came."""
    seen, oldest, lately_seen = query_row(connection, ARRIVED, {"since": now - MINUTE, "most": EVENTS})
    if seen < EVENTS or lately_seen < seen:
        return lately_seen / MINUTE.total_seconds()
    return seen / max((now - oldest).total_seconds(), 1.0)

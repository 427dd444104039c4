"""One look at what waits, what is paused and what people must see, none of it a whole table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from worker.core.clock.timeouts import NUDGE_WAIT_MAX
from worker.core.sending.pause import PROVIDER
from worker.store.db.postgres import Connection
from worker.store.sending.pauses import CLOSED, lasts

#: More rows of a lane and dead letters than this are not counted.
MOST = 50_000
#: Rows of an account and lane among which the oldest is looked for.
FIRST = 20
AGES = ("hour", "day", "week", "older")

BY_STATE = """
SELECT w.lane, w.state, count(*)
FROM unnest(%(lanes)s::text []) AS l(lane)
CROSS JOIN LATERAL (
    SELECT n.lane, n.state FROM notifications AS n
    WHERE n.lane = l.lane AND n.waits_until IS NOT NULL
    LIMIT %(most)s
) AS w
GROUP BY w.lane, w.state
"""

SENDING = """
SELECT a.lane, sum(cardinality(a.row_ids))
FROM unnest(%(lanes)s::text []) AS l(lane)
CROSS JOIN LATERAL (
    SELECT lane, row_ids FROM attempts
    WHERE lane = l.lane AND settled_at IS NULL
    LIMIT %(most)s
) AS a
GROUP BY a.lane
"""

#: A planned row's `due_at` moves with every nudge, so that its last transition shows since when it might have gone.
OLDEST = f"""
SELECT l.lane, extract(EPOCH FROM %(now)s::timestamptz - min(CASE f.state WHEN 'planned' THEN m.at ELSE f.due_at END))
FROM unnest(%(lanes)s::text []) AS l(lane)
CROSS JOIN accounts AS a
CROSS JOIN LATERAL (
    SELECT n.month, n.id, n.state, n.due_at FROM notifications AS n
    WHERE
        n.lane = l.lane AND n.account = a.id AND n.waits_until <= %(soon)s
    ORDER BY n.waits_until
    LIMIT %(first)s
) AS f
LEFT JOIN LATERAL (
    SELECT v.at FROM transitions AS v
    WHERE v.month = f.month AND v.notification = f.id AND f.state = 'planned'
    ORDER BY v.id DESC
    LIMIT 1
) AS m ON TRUE
WHERE
    (f.state = 'planned' OR f.due_at <= %(now)s)
    AND a.id NOT IN ({CLOSED})
GROUP BY l.lane
"""

#: What holds for every account counts once.
PAUSED = f"""
SELECT CASE WHEN scope = 'provider' THEN scope ELSE reason END, count(DISTINCT coalesce(account, '')) FROM pauses
WHERE {lasts("%(now)s")}
GROUP BY 1
"""

DEAD = """
SELECT
    CASE
        WHEN created_at > %(now)s::timestamptz - interval '1 hour' THEN 'hour'
        WHEN created_at > %(now)s::timestamptz - interval '1 day' THEN 'day'
        WHEN created_at > %(now)s::timestamptz - interval '7 days' THEN 'week'
        ELSE 'older'
    END AS age,
    count(*)
FROM (SELECT created_at FROM dead_letters WHERE state = 'open' LIMIT %(most)s) AS d
GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class LedgerStatus:
    """One look at the ledger.

    Attributes:
        waiting: rows by lane and state.
        oldest_s: by lane, how long the oldest row has waited that might have gone.
        paused: accounts by the reason of their pauses.
        breakers: accounts whose circuit breaker is open.
        dead: open dead letters by age.
    """

    waiting: Mapping[tuple[str, str], int]
    oldest_s: Mapping[str, float]
    paused: Mapping[str, int]
    breakers: int
    dead: Mapping[str, int]


def look(connection: Connection, lanes: Iterable[str], *, now: datetime) -> LedgerStatus:
    values: dict[str, object] = {"lanes": list(lanes), "now": now, "soon": now + NUDGE_WAIT_MAX}
    values |= {"most": MOST, "first": FIRST}
    paused: dict[str, int] = pairs(connection, PAUSED, values)
    sending: dict[str, int] = pairs(connection, SENDING, values)
    waiting = {(lane, state): rows for lane, state, rows in connection.execute(BY_STATE, values)}
    return LedgerStatus(
        waiting={**waiting, **{(lane, "sending"): int(rows) for lane, rows in sending.items()}},
        oldest_s={lane: max(0.0, float(age)) for lane, age in pairs(connection, OLDEST, values).items()},
        breakers=paused.pop(PROVIDER, 0),
        paused=paused,
        dead=pairs(connection, DEAD, values),
    )


def pairs(connection: Connection, sql: LiteralString, values: Mapping[str, object]) -> dict[str, int]:
    return dict(connection.execute(sql, values).fetchall())

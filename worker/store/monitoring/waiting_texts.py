"""Texts that wait, by lane, account and reason, with the oldest of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from worker.core.monitoring.departure import Hold, WaitingText
from worker.store.db.postgres import Connection
from worker.store.sending.pauses import lasts

#: Not more rows of an account and lane are counted.
MOST = 50_000

ALIKE = """
SELECT DISTINCT ON (w.lane, w.account, w.state, w.reason)
    w.month, w.id, w.account, w.lane, w.trigger, w.channel, w.state, w.reason, w.created_at, w.due_at,
    count(*) OVER (PARTITION BY w.lane, w.account, w.state, w.reason)
FROM unnest(%(lanes)s::text []) AS l(lane)
CROSS JOIN accounts AS a
CROSS JOIN LATERAL (
    SELECT n.month, n.id, n.account, n.lane, n.trigger, n.channel, n.state, n.reason, n.created_at, n.due_at
    FROM notifications AS n
    WHERE n.lane = l.lane AND n.account = a.id AND n.waits_until IS NOT NULL
    LIMIT %(most)s
) AS w
WHERE %(account)s::text IS NULL OR a.id = %(account)s
ORDER BY w.lane, w.account, w.state, w.reason, w.created_at, w.id
"""

HOLDS = f"""
SELECT account, scope, reason, since, paused_by, coalesce(until, probe_at), code
FROM pauses
WHERE {lasts("%(now)s")} AND (%(account)s::text IS NULL OR account IS NULL OR account = %(account)s)
ORDER BY account NULLS FIRST, scope
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Texts of an account and lane that wait in the same state for the same reason."""

    oldest: WaitingText
    texts: int


def waiting(connection: Connection, lanes: Iterable[str], account: str | None = None) -> list[Waiting]:
    """What waits of all accounts, or of one."""
    waiting: list[Waiting] = []
    values = {"lanes": list(lanes), "most": MOST, "account": account}
    for month, number, *text, texts in connection.execute(ALIKE, values):
        waiting.append(Waiting(WaitingText((month, number), *text), texts))
    return waiting


def holds(connection: Connection, account: str | None = None, *, now: datetime) -> list[Hold]:
    """What is paused, or of it what holds an account's texts."""
    return [Hold(*row) for row in connection.execute(HOLDS, {"account": account, "now": now})]

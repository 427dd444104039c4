"""What became of due moments, the newest first: the operator's view."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from worker.store.db.postgres import Connection

#: Those that wait, and what became of others since.
COUNTED = """
SELECT state, count(*)
FROM occurrences
WHERE state = 'pending' OR settled_at > %(since)s
GROUP BY state
"""

LISTED = """
SELECT
    due_at, account, rule, record_id, offset_minutes, slot, state, reason, created_at, published_at, worth_until,
    event_id
FROM occurrences
WHERE account = coalesce(%(account)s, account) AND state = coalesce(%(state)s, state)
ORDER BY id DESC
LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """What became of one due moment."""

    due_at: datetime
    account: str
    rule: str
    record_id: str
    offset_minutes: int
    slot: str
    state: str
    reason: str | None
    created_at: datetime
    published_at: datetime | None
    worth_until: datetime
    event_id: str


def counted(connection: Connection, *, since: datetime) -> dict[str, int]:
    """How many wait, and how many were published, missed or cancelled since."""
    return dict(connection.execute(COUNTED, {"since": since}).fetchall())


def listed(connection: Connection, *, account: str | None, state: str | None, limit: int) -> list[Listed]:
    """The newest, of one account or all, in one state or any."""
    values = {"account": account, "state": state, "limit": limit}
    return [Listed(*row) for row in connection.execute(LISTED, values)]

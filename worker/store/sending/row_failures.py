"""Rows that break before their POST, locked for counting."""

from __future__ import annotations

from dataclasses import dataclass

from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection

LOAD = """
SELECT account, lane, state, tries
FROM notifications
WHERE month = %(month)s AND id = %(id)s AND state IN ('planned', 'postponed')
FOR UPDATE
"""


@dataclass(frozen=True, slots=True)
class WaitingRow:
    account: str
    lane: str
    state: str
    tries: int


def load(connection: Connection, notification_id: NotificationId) -> WaitingRow | None:
    row = connection.execute(LOAD, {"month": notification_id[0], "id": notification_id[1]}).fetchone()
    return WaitingRow(*row) if row else None

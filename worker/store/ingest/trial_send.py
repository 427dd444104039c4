"""One notification that no event asked for, planned, and what became of it."""

from dataclasses import dataclass
from datetime import datetime

from worker.core.clock.months import month_of
from worker.core.planning.draft import Draft
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, query_row
from worker.store.ingest import write_batch
from worker.store.ingest.notifications import NewNotification

TAKE = "INSERT INTO notification_keys (key, month) VALUES (%(key)s, %(month)s) RETURNING id"

LOOK = """
SELECT n.state, n.reason, p.message_id
FROM notifications AS n
LEFT JOIN provider_messages AS p ON n.month = p.month AND n.id = p.notification
WHERE n.month = %(month)s AND n.id = %(id)s
"""


NO_EVENT = 0


@dataclass(frozen=True, slots=True)
class TrialStatus:
    state: str
    reason: str | None
    message_id: str | None


def plan(connection: Connection, draft: Draft, *, now: datetime) -> NotificationId:
    month = month_of(now)
    number: int = query_row(connection, TAKE, {"key": draft.key, "month": month})[0]
    write_batch.insert(connection, [(number, NewNotification(NO_EVENT, draft))], month=month, accepted_at=now, now=now)
    return month, number


def look(connection: Connection, notification_id: NotificationId) -> TrialStatus:
    """Read its state.

    Raises:
        LookupError: it is no longer there.
    """
    month, number = notification_id
    return TrialStatus(*query_row(connection, LOOK, {"month": month, "id": number}))

"""Where texts are now."""

from collections.abc import Iterable
from datetime import datetime

from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, as_notification_ids

OUTCOMES = """
SELECT n.state, n.reason, n.due_at
FROM json_to_recordset(%(notification_ids)s::json) AS p(month date, id bigint)
INNER JOIN notifications AS n ON p.month = n.month AND p.id = n.id
ORDER BY n.id
"""


def outcomes(
    connection: Connection, notification_ids: Iterable[NotificationId]
) -> list[tuple[str, str | None, datetime | None]]:
    rows = connection.execute(OUTCOMES, {"notification_ids": as_notification_ids(notification_ids)})
    return [(row[0], row[1], row[2]) for row in rows]

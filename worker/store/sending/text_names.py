"""What a log line calls a text by: its account, its trigger, and the event that it tells."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import NONE, Connection, as_notification_ids

NAMES = """
SELECT n.month, n.id, n.account, n.trigger, e.event_id
FROM json_to_recordset(%(notification_ids)s::json) AS p(month date, id bigint)
INNER JOIN notifications AS n ON p.month = n.month AND p.id = n.id
LEFT JOIN events AS e ON n.event_month = e.month AND n.event = e.id
"""


@dataclass(frozen=True, slots=True)
class TextName:
    account: str
    trigger: str
    event: str | None


def names_of(connection: Connection, notification_ids: Iterable[NotificationId]) -> Mapping[NotificationId, TextName]:
    wanted = as_notification_ids(notification_ids)
    if wanted == NONE:
        return {}
    rows = connection.execute(NAMES, {"notification_ids": wanted})
    return {(month, number): TextName(*facts) for month, number, *facts in rows}

"""Texts whose outcome is unknown: `unconfirmed` rows, as people look at them and decide."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, as_notification_ids, as_rows

LIST = """
SELECT
    n.month, n.id, n.account, n.trigger, n.recipient_kind, n.recipient_id, n.phone, n.text, n.reason,
    (
        SELECT max(m.at) FROM transitions AS m
        WHERE n.month = m.month AND n.id = m.notification AND m.to_state = 'unconfirmed'
    ) AS since,
    n.expires_at
FROM notifications AS n
WHERE n.ended_as = 'unconfirmed' AND n.phone IS NOT NULL AND (%(account)s::text IS NULL OR n.account = %(account)s)
ORDER BY n.month DESC, n.id DESC
LIMIT %(limit)s
"""

#: Month by month, each by its primary key: a bare number is not looked for row by row.
SEEK = """
WITH RECURSIVE months AS (
    SELECT max(month) AS month FROM notifications
    UNION ALL
    SELECT (SELECT max(n.month) FROM notifications AS n WHERE n.month < m.month)
    FROM months AS m
    WHERE m.month IS NOT NULL
)
SELECT n.month, n.id
FROM json_to_recordset(%(wanted)s::json) AS w(month date, id bigint)
INNER JOIN months AS m ON coalesce(w.month, m.month) = m.month
INNER JOIN notifications AS n ON m.month = n.month AND w.id = n.id
ORDER BY n.month, n.id
"""

#: There is nothing left to send of one whose person was forgotten.
LOCK = """
SELECT
    n.month, n.id, n.account, CASE WHEN n.phone IS NULL AND n.state <> 'skipped' THEN 'erased' ELSE n.state END,
    n.expires_at
FROM json_to_recordset(%(notification_ids)s::json) AS p(month date, id bigint)
INNER JOIN notifications AS n ON p.month = n.month AND p.id = n.id
ORDER BY n.id
FOR UPDATE OF n
"""

PROLONG = """
UPDATE notifications AS n SET expires_at = %(until)s
FROM json_to_recordset(%(notification_ids)s::json) AS p(month date, id bigint)
WHERE p.month = n.month AND p.id = n.id
"""


@dataclass(frozen=True, slots=True)
class UnconfirmedText:
    """A text that was perhaps sent; `since` is when it was given up."""

    month: date
    id: int
    account: str
    trigger: str
    recipient_kind: str
    recipient_id: str
    phone: str
    text: str
    reason: str
    since: datetime | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Named:
    """A row as a person names it: by its number, and by its month where they give one."""

    month: date | None
    id: int


@dataclass(frozen=True, slots=True)
class LockedNotification:
    notification_id: NotificationId
    account: str
    state: str
    expires_at: datetime


def list_unconfirmed(connection: Connection, *, account: str | None, limit: int) -> list[UnconfirmedText]:
    return [UnconfirmedText(*row) for row in connection.execute(LIST, {"account": account, "limit": limit})]


def seek(connection: Connection, wanted: Iterable[Named]) -> list[NotificationId]:
    """Find rows by number, in any state; in every month where none is given."""
    rows = as_rows(map(asdict, wanted))
    return [(row[0], row[1]) for row in connection.execute(SEEK, {"wanted": rows})]


def lock(connection: Connection, notification_ids: Iterable[NotificationId]) -> list[LockedNotification]:
    return [
        LockedNotification((row[0], row[1]), *row[2:])
        for row in connection.execute(LOCK, {"notification_ids": as_notification_ids(notification_ids)})
    ]


def prolong(connection: Connection, notification_ids: Iterable[NotificationId], *, until: datetime) -> None:
    connection.execute(PROLONG, {"notification_ids": as_notification_ids(notification_ids), "until": until})

"""Texts sent by hand, once their events are accepted: found, and told when they may go."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, as_notification_ids, as_rows
from worker.store.transitions import changed

MADE = """
SELECT k.key, n.month, n.id, n.state, n.reason, n.channel, n.segments, n.text
FROM json_to_recordset(%(keys)s::json) AS r(key text)
INNER JOIN notification_keys AS k ON k.key = decode(r.key, 'hex')
INNER JOIN notifications AS n ON k.month = n.month AND k.id = n.id
ORDER BY n.id
"""

#: The first transition of a row never changes: whenever it is asked for, the answer is the same.
BEGUN = """
SELECT n.month, n.id, n.recipient_kind, n.recipient_id, n.channel, n.segments, t.to_state, t.reason
FROM json_to_recordset(%(keys)s::json) AS r(key text, nth integer)
INNER JOIN notification_keys AS k ON k.key = decode(r.key, 'hex')
INNER JOIN notifications AS n ON k.month = n.month AND k.id = n.id
CROSS JOIN LATERAL (
    SELECT to_state, reason FROM transitions WHERE month = n.month AND notification = n.id ORDER BY id LIMIT 1
) AS t
ORDER BY r.nth
"""

#: No nudge is published for these: the sweeper finds them at once.
HURRY = """
UPDATE notifications AS n
SET
    lane = coalesce(%(lane)s::text, n.lane),
    due_at = CASE n.state WHEN 'planned' THEN %(now)s::timestamptz ELSE n.due_at END
FROM json_to_recordset(%(notification_ids)s::json) AS p(month date, id bigint)
WHERE p.month = n.month AND p.id = n.id AND n.waits_until IS NOT NULL
"""

#: How long it may go is counted from the moment at which it may.
SCHEDULE = (
    """
WITH wanted AS (
    SELECT n.month, n.id, n.state AS before, 'postponed' AS after, 'scheduled' AS reason, %(at)s::timestamptz AS due_at
    FROM json_to_recordset(%(notification_ids)s::json) AS p(month date, id bigint)
    INNER JOIN notifications AS n ON p.month = n.month AND p.id = n.id
    WHERE n.waits_until IS NOT NULL
    ORDER BY n.id
    FOR UPDATE OF n
),
"""
    + changed(", expires_at = n.expires_at + (%(at)s::timestamptz - %(now)s::timestamptz)", is_locked=True)
    + "SELECT month, notification FROM remembered"
)


@dataclass(frozen=True, slots=True)
class Made:
    key: bytes
    notification_id: NotificationId
    state: str
    reason: str | None
    channel: str
    segments: int
    text: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A text as it was when its event was accepted."""

    notification_id: NotificationId
    recipient_kind: str
    recipient_id: str
    channel: str
    segments: int
    state: str
    reason: str | None


def made(connection: Connection, keys: Iterable[bytes]) -> list[Made]:
    rows = connection.execute(MADE, {"keys": as_rows({"key": key} for key in keys)})
    return [Made(bytes(row[0]), (row[1], row[2]), *row[3:]) for row in rows]


def begun(connection: Connection, keys: Iterable[bytes]) -> list[Begun]:
    """The texts of these keys, in their order."""
    rows = connection.execute(BEGUN, {"keys": as_rows({"key": key, "nth": nth} for nth, key in enumerate(keys))})
    return [Begun((row[0], row[1]), *row[2:]) for row in rows]


def hurry(
    connection: Connection, notification_ids: Iterable[NotificationId], *, lane: str | None, now: datetime
) -> None:
    """Let the sweeper find these now; `lane` where it is not their own."""
    connection.execute(HURRY, {"notification_ids": as_notification_ids(notification_ids), "lane": lane, "now": now})


def schedule(
    connection: Connection, notification_ids: Iterable[NotificationId], *, at: datetime, actor: str, now: datetime
) -> None:
    """Let these wait until a moment, at which everything is asked again."""
    values = {"notification_ids": as_notification_ids(notification_ids), "at": at, "actor": actor, "now": now}
    connection.execute(SCHEDULE, values)

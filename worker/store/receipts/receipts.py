"""Notifications of receipts, locked with their messages and the statuses of their channels."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from psycopg.rows import TupleRow

from worker.core.receipts.channel_status import ChannelStatus
from worker.core.receipts.receipt import DeliveryStatus, Message
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import NONE, Connection, as_notification_ids, as_rows
from worker.store.transitions import remembered

#: In the order of their ids, as everybody locks them. Nearly always a notification has one message.
LOCK = """
SELECT n.month, n.id, n.state, n.reason, n.channel, n.lane, n.due_at, n.recipient_key, n.trigger, e.event_id
FROM (
    SELECT DISTINCT p.month, p.notification
    FROM unnest(string_to_array(%(messages)s, ' ')) AS m(message_id)
    INNER JOIN provider_messages AS p ON p.account = %(account)s AND m.message_id = p.message_id
    ORDER BY p.month, p.notification
) AS reported
CROSS JOIN LATERAL (
    SELECT * FROM notifications AS o WHERE o.month = reported.month AND o.id = reported.notification
    FOR UPDATE
) AS n
LEFT JOIN events AS e ON n.event_month = e.month AND n.event = e.id
"""

MESSAGES = """
SELECT p.month, p.notification, p.message_id, p.accepted_at
FROM json_to_recordset(%(notification_ids)s::json) AS r(month date, id bigint)
INNER JOIN provider_messages AS p ON r.month = p.month AND r.id = p.notification
"""

CHANNEL_STATUSES = """
SELECT l.message_id, l.channel, l.status, l.rejected, l.sent_at, l.updated_at, l.price, l.segments, l.price_status
FROM unnest(string_to_array(%(messages)s, ' ')) AS m(message_id)
INNER JOIN channel_statuses AS l ON l.account = %(account)s AND m.message_id = l.message_id
"""

RESCHEDULE = """
UPDATE notifications AS n SET due_at = r.due_at
FROM json_to_recordset(%(dues)s::json) AS r(month date, id bigint, due_at timestamptz)
WHERE n.month = r.month AND n.id = r.id AND n.state IN ('accepted', 'sent')
"""

#: The state stays; that nobody asks any more is remembered like a change of it.
GIVE_UP = """
WITH given_up AS (
    UPDATE notifications AS n SET reason = %(reason)s, due_at = NULL
    FROM json_to_recordset(%(notification_ids)s::json) AS r(month date, id bigint)
    WHERE n.month = r.month AND n.id = r.id AND n.state IN ('accepted', 'sent')
    RETURNING n.month, n.id, n.state AS before, n.state AS after, n.reason, n.attempt
)
""" + remembered("given_up")


@dataclass(slots=True)
class Tracked:
    """A notification that TurboSMS took, with its messages; `event` is the CRM's id of what it tells."""

    notification_id: NotificationId
    status: DeliveryStatus
    channel: str
    lane: str
    due_at: datetime | None
    recipient_key: bytes
    trigger: str = ""
    event: str | None = None
    messages: dict[str, Message] = field(default_factory=dict[str, Message])


def lock(connection: Connection, account: str, messages: Collection[str]) -> list[Tracked]:
    """Lock the notifications of these messages, whose ids hold no space; unknown ones are left out."""
    if not messages:
        return []
    values = {"account": account, "messages": " ".join(sorted(messages))}
    tracked_by_id = {(row[0], row[1]): tracked(row) for row in connection.execute(LOCK, values)}
    made = connection.execute(MESSAGES, {"notification_ids": as_notification_ids(tracked_by_id)}).fetchall()
    channels_of = load_channels(connection, account, [message_id for _, _, message_id, _ in made])
    for month, number, message_id, accepted_at in made:
        tracked_by_id[month, number].messages[message_id] = Message(accepted_at, channels_of.get(message_id, {}))
    return list(tracked_by_id.values())


def tracked(row: TupleRow) -> Tracked:
    month, number, state, reason, *facts = row
    return Tracked((month, number), DeliveryStatus(state, reason), *facts)


def load_channels(connection: Connection, account: str, messages: Iterable[str]) -> dict[str, dict[str, ChannelStatus]]:
    results: dict[str, dict[str, ChannelStatus]] = defaultdict(dict)
    for message_id, *columns in connection.execute(
        CHANNEL_STATUSES, {"account": account, "messages": " ".join(messages)}
    ):
        results[message_id][columns[0]] = ChannelStatus(*columns)
    return results


def reschedule(connection: Connection, dues: Mapping[NotificationId, datetime | None]) -> None:
    rows = as_rows({"month": month, "id": number, "due_at": due_at} for (month, number), due_at in dues.items())
    if rows != NONE:
        connection.execute(RESCHEDULE, {"dues": rows})


def give_up(
    connection: Connection, notification_ids: Collection[NotificationId], reason: str, *, now: datetime
) -> None:
    """Stop polling these notifications; they keep their state and get a reason."""
    if notification_ids:
        connection.execute(
            GIVE_UP,
            {
                "notification_ids": as_notification_ids(notification_ids),
                "reason": reason,
                "actor": "collect",
                "now": now,
            },
        )

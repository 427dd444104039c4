"""Notifications of receipts, locked with their messages and the statuses of their channels."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from psycopg.rows import TupleRow

from worker.core.receipts.channel_status import ChannelStatus
from worker.core.receipts.receipt import DeliveryStatus, Message
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, as_notification_ids
from worker.store.transitions import remembered

#: In the order of their ids, as everybody locks them. Nearly always a notification has one message.
LOCK = """
SELECT n.month, n.id, n.state, n.reason, n.channel, n.lane, n.recipient_key, n.trigger, e.event_id
FROM (
    SELECT DISTINCT p.month, p.notification
    FROM unnest(string_to_array(%(messages)s, ' ')) AS m(message_id)
    INNER JOIN provider_messages AS p ON p.account = %(account)s AND m.message_id = p.message_id
    ORDER BY p.month, p.notification
) AS reported
CROSS JOIN LATERAL (
    SELECT o.month, o.id, o.state, o.reason, o.channel, o.lane, o.recipient_key, o.trigger, o.event_month, o.event
    FROM notifications AS o WHERE o.month = reported.month AND o.id = reported.notification
    FOR UPDATE
) AS n
LEFT JOIN events AS e ON n.event_month = e.month AND n.event = e.id
"""

MESSAGES = """
SELECT p.month, p.notification, p.message_id, p.accepted_at, p.ask_at
FROM json_to_recordset(%(notification_ids)s::json) AS r(month date, id bigint)
INNER JOIN provider_messages AS p ON r.month = p.month AND r.id = p.notification
"""

CHANNEL_STATUSES = """
SELECT l.message_id, l.channel, l.status, l.rejected, l.sent_at, l.updated_at, l.price, l.segments, l.price_status
FROM unnest(string_to_array(%(messages)s, ' ')) AS m(message_id)
INNER JOIN channel_statuses AS l ON l.account = %(account)s AND m.message_id = l.message_id
"""

#: The state stays; that nobody asks any more is remembered like a change of it. Whoever leased messages may not wait
#: for a notification, whose receipt waits for them: it comes again once the lease is over.
GIVE_UP = """
WITH silent AS (
    SELECT n.month, n.id
    FROM json_to_recordset(%(notification_ids)s::json) AS r(month date, id bigint)
    INNER JOIN notifications AS n ON r.month = n.month AND r.id = n.id
    WHERE n.state IN ('accepted', 'sent')
    FOR UPDATE OF n SKIP LOCKED
),
never_asked AS (
    UPDATE provider_messages AS p SET ask_at = NULL
    FROM silent AS s
    WHERE p.month = s.month AND p.notification = s.id AND p.ask_at IS NOT NULL
),
given_up AS (
    UPDATE notifications AS n SET reason = %(reason)s
    FROM silent AS s
    WHERE n.month = s.month AND n.id = s.id
    RETURNING n.month, n.id, n.state AS before, n.state AS after, n.reason, n.attempt
)
""" + (remembered("given_up") + " RETURNING month, notification, to_state")


NAMELESS = """
SELECT r.month, r.id
FROM json_to_recordset(%(notification_ids)s::json) AS r(month date, id bigint)
WHERE NOT EXISTS (SELECT FROM provider_messages AS p WHERE p.month = r.month AND p.notification = r.id)
"""


@dataclass(slots=True)
class Tracked:
    """A notification that TurboSMS took, with its messages.

    Attributes:
        event: the CRM's id of what it tells.
        ask_at: when TurboSMS is asked for it next, all its messages at once; None: never again.
    """

    notification_id: NotificationId
    status: DeliveryStatus
    channel: str
    lane: str
    recipient_key: bytes
    trigger: str = ""
    event: str | None = None
    ask_at: datetime | None = None
    messages: dict[str, Message] = field(default_factory=dict[str, Message])


def lock(connection: Connection, account: str, messages: Collection[str]) -> list[Tracked]:
    """Lock the notifications of these messages, whose ids hold no space; unknown ones are left out."""
    if not messages:
        return []
    values = {"account": account, "messages": " ".join(sorted(messages))}
    tracked_by_id = {(row[0], row[1]): tracked(row) for row in connection.execute(LOCK, values)}
    made = connection.execute(MESSAGES, {"notification_ids": as_notification_ids(tracked_by_id)}).fetchall()
    channels_of = load_channels(connection, account, [message_id for _, _, message_id, *_ in made])
    for month, number, message_id, accepted_at, ask_at in made:
        item = tracked_by_id[month, number]
        item.messages[message_id] = Message(accepted_at, channels_of.get(message_id, {}), ask_at=ask_at)
        item.ask_at = min((moment for moment in (item.ask_at, ask_at) if moment), default=None)
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


def nameless(connection: Connection, notification_ids: Iterable[NotificationId]) -> list[NotificationId]:
    """Those of these notifications that no message of the provider is."""
    rows = connection.execute(NAMELESS, {"notification_ids": as_notification_ids(notification_ids)})
    return [(month, number) for month, number in rows]


def give_up(
    connection: Connection,
    notification_ids: Collection[NotificationId],
    reason: str,
    *,
    actor: str = "collect",
    now: datetime,
) -> list[tuple[NotificationId, str]]:
    """Stop polling these notifications, but for locked ones; they keep their states, which are returned."""
    if not notification_ids:
        return []
    values = {"notification_ids": as_notification_ids(notification_ids), "reason": reason, "actor": actor, "now": now}
    return [((month, number), state) for month, number, state in connection.execute(GIVE_UP, values)]

"""The collector's questions: which messages are to be asked for now, leased so that nobody else asks for them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from worker.core.sending.nudge import NotificationId
from worker.core.sending.pause import ASKED_STILL
from worker.store.db.postgres import Connection

#: Whose moment has come first, whoever's they are; a lease is nothing but the next moment. A report of a hybrid
#: that is not its end may mean that Viber has lost it.
OPEN = """
WITH due AS (
    SELECT month, id, due_at
    FROM notifications
    WHERE state IN ('accepted', 'sent') AND due_at <= %(now)s
    ORDER BY due_at
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
),
leased AS (
    UPDATE notifications AS n SET due_at = %(leased_until)s
    FROM due
    WHERE n.month = due.month AND n.id = due.id
    RETURNING
        n.account, n.month, n.id, due.due_at, n.created_at,
        n.channel = 'viber_then_sms' AND n.state = 'sent' AS needs_details
)
SELECT l.account, l.month, l.id, l.due_at, p.message_id, coalesce(p.accepted_at, l.created_at), l.needs_details
FROM leased AS l
LEFT JOIN provider_messages AS p ON l.month = p.month AND l.id = p.notification
ORDER BY l.due_at
"""

ENDED = """
WITH due AS (
    SELECT account, message_id, due_at
    FROM follow_ups
    WHERE due_at <= %(now)s
    ORDER BY due_at
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
),
leased AS (
    UPDATE follow_ups AS f SET due_at = %(leased_until)s
    FROM due
    WHERE f.account = due.account AND f.message_id = due.message_id
    RETURNING f.account, f.message_id, due.due_at
)
SELECT l.account, NULL::date, NULL::bigint, l.due_at, l.message_id, p.accepted_at, FALSE
FROM leased AS l
INNER JOIN provider_messages AS p ON l.account = p.account AND l.message_id = p.message_id
ORDER BY l.due_at
"""

STILL = """
SELECT DISTINCT account FROM pauses
WHERE scope = 'provider' OR (scope = 'account' AND reason <> ALL(string_to_array(%(asked_still)s, ' ')))
"""


@dataclass(frozen=True, slots=True)
class Due:
    """A message to poll.

    Attributes:
        notification_id: None once the notification has ended.
        message_id: None where the provider's id is another notification's, so that nobody can ask.
        needs_details: whether only an answer shows how it goes on.
    """

    account: str
    notification_id: NotificationId | None
    due_at: datetime
    message_id: str | None
    accepted_at: datetime
    needs_details: bool


def lease(connection: Connection, *, limit: int, leased_until: datetime, now: datetime) -> list[Due]:
    """Lease due messages, at most `limit` of open notifications and as many of ended ones."""
    values = {"limit": limit, "leased_until": leased_until, "now": now}
    return [*dues(connection, OPEN, values), *dues(connection, ENDED, values)]


def dues(connection: Connection, statement: LiteralString, values: Mapping[str, object]) -> Iterator[Due]:
    for account, month, number, due_at, message_id, accepted_at, needs_details in connection.execute(statement, values):
        notification_id = None if month is None else (month, number)
        yield Due(account, notification_id, due_at, message_id, accepted_at, needs_details)


def still(connection: Connection) -> frozenset[str]:
    """Paused accounts that may not even be polled."""
    rows = connection.execute(STILL, {"asked_still": " ".join(sorted(ASKED_STILL))})
    return frozenset(account for (account,) in rows)

"""The collector's questions: which messages are to be asked for now, leased so that nobody else asks for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from worker.core.sending.nudge import NotificationId
from worker.core.sending.pause import ASKED_STILL
from worker.store.db.postgres import NONE, Connection, as_rows

#: Whose moment has come first, whoever's they are; a lease is nothing but the next moment. A report of a hybrid
#: that is not its end may mean that Viber has lost it.
LEASE = """
WITH due AS (
    SELECT account, message_id, ask_at
    FROM provider_messages
    WHERE ask_at <= %(now)s
    ORDER BY ask_at
    LIMIT %(limit)s
    FOR NO KEY UPDATE SKIP LOCKED
),
leased AS (
    UPDATE provider_messages AS p SET ask_at = %(leased_until)s
    FROM due
    WHERE p.account = due.account AND p.message_id = due.message_id
    RETURNING p.account, p.message_id, p.month, p.notification, p.accepted_at, due.ask_at
)
SELECT
    l.account, l.message_id, n.month, n.id, l.ask_at, l.accepted_at, n.state IN ('accepted', 'sent') AS is_open,
    n.channel = 'viber_then_sms' AND n.state = 'sent' AS needs_details
FROM leased AS l
INNER JOIN notifications AS n ON l.month = n.month AND l.notification = n.id
ORDER BY l.ask_at, l.message_id
"""

PLAN = """
UPDATE provider_messages AS p SET ask_at = r.ask_at
FROM json_to_recordset(%(asks)s::json) AS r(account text, message_id text, ask_at timestamptz)
WHERE p.account = r.account AND p.message_id = r.message_id
"""

HASTEN = "UPDATE provider_messages SET ask_at = %(now)s WHERE ask_at > %(now)s"

STILL = """
SELECT DISTINCT account FROM pauses
WHERE scope = 'provider' OR (scope = 'account' AND reason <> ALL(string_to_array(%(asked_still)s, ' ')))
"""


#: A message by its account and the provider's id.
MessageId = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Due:
    """A message to poll.

    Attributes:
        ask_at: when that was due.
        is_open: its notification waits for a receipt; otherwise only price or reading are asked for.
        needs_details: whether only an answer shows how it goes on.
    """

    account: str
    message_id: str
    notification_id: NotificationId
    ask_at: datetime
    accepted_at: datetime
    is_open: bool
    needs_details: bool


def lease(connection: Connection, *, limit: int, leased_until: datetime, now: datetime) -> list[Due]:
    """Lease due messages, the longest due ones first."""
    values = {"limit": limit, "leased_until": leased_until, "now": now}
    return [
        Due(account, message_id, (month, number), *facts)
        for account, message_id, month, number, *facts in connection.execute(LEASE, values)
    ]


def plan(connection: Connection, asks: Mapping[MessageId, datetime | None]) -> None:
    """Set when these messages are asked for next; None: never again."""
    rows = as_rows(
        {"account": account, "message_id": message_id, "ask_at": ask_at}
        for (account, message_id), ask_at in sorted(asks.items())
    )
    if rows != NONE:
        connection.execute(PLAN, {"asks": rows})


def hasten(connection: Connection, *, now: datetime) -> None:
    """Let everything that is asked for later be due now."""
    connection.execute(HASTEN, {"now": now})


def still(connection: Connection) -> frozenset[str]:
    """Paused accounts that may not even be polled."""
    rows = connection.execute(STILL, {"asked_still": " ".join(sorted(ASKED_STILL))})
    return frozenset(account for (account,) in rows)

"""What became of published events: one row for each notification, and one for each event without any."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from worker.store.db.postgres import Connection, query_row

OUTCOMES = """
SELECT e.account, e.event_id, e.type, n.trigger, n.phone, n.text, n.segments, n.state, n.reason, p.message_id,
    (
        SELECT
            jsonb_agg(
                jsonb_build_object('channel', l.channel, 'price', l.price::text, 'segments', l.segments)
                ORDER BY l.channel DESC
            )
        FROM channel_statuses AS l
        WHERE l.account = p.account AND l.message_id = p.message_id
    ) AS channels
FROM events AS e
LEFT JOIN notifications AS n ON e.month = n.event_month AND e.id = n.event
LEFT JOIN provider_messages AS p ON n.month = p.month AND n.id = p.notification
ORDER BY e.id, n.id
"""

REPEATS = "SELECT coalesce(sum(repeats), 0) FROM event_keys"

DEAD = "SELECT reason, detail, event_id, times FROM dead_letters WHERE state = 'open' ORDER BY id"


@dataclass(frozen=True, slots=True)
class Paid:
    channel: str
    price: Decimal | None
    segments: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """An event and one notification of it, if any; its channels, Viber before its SMS."""

    account: str
    event_id: str
    type: str
    trigger: str | None
    phone: str | None
    text: str | None
    segments: int | None
    state: str | None
    reason: str | None
    message_id: str | None
    channels: Sequence[Paid] = ()


@dataclass(frozen=True, slots=True)
class Dead:
    reason: str
    detail: str
    event_id: str | None
    times: int


def outcomes(connection: Connection) -> list[Outcome]:
    return [Outcome(*row[:-1], channels=list(map(paid, row[-1] or ()))) for row in connection.execute(OUTCOMES)]


def paid(channel: Mapping[str, Any]) -> Paid:
    price = channel["price"]
    return Paid(channel["channel"], None if price is None else Decimal(price), channel["segments"])


def dead(connection: Connection) -> list[Dead]:
    return [Dead(*row) for row in connection.execute(DEAD)]


def repeats(connection: Connection) -> int:
    return int(query_row(connection, REPEATS)[0])

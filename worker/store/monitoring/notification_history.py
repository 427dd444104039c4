"""What became of notifications, the newest first: the operator's view."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from worker.core.receipts.channel_status import CANCELLED, rank
from worker.store.db.postgres import Connection

HISTORY = """
SELECT
    n.month, n.id, n.created_at, n.account, n.trigger, n.recipient_kind, n.recipient_id, n.phone, n.channel, n.state,
    n.reason, n.segments, p.message_id, n.text, n.due_at, e.event_id, e.type AS event_type,
    n.consent, n.viber_fallback,
    (
        SELECT
            jsonb_agg(
                jsonb_build_object(
                    'channel', l.channel, 'status', l.status, 'rejected', l.rejected, 'sent_at', l.sent_at,
                    'updated_at', l.updated_at, 'price', trim_scale(l.price)::text, 'segments', l.segments
                )
                ORDER BY l.updated_at
            )
        FROM channel_statuses AS l
        WHERE l.account = p.account AND l.message_id = p.message_id
    ) AS channels
FROM notifications AS n
LEFT JOIN provider_messages AS p ON n.month = p.month AND n.id = p.notification
LEFT JOIN events AS e ON n.event_month = e.month AND n.event = e.id
"""
#: Both orders are an index's, so that a few rows are read and not the table.
ORDER = """
ORDER BY n.month DESC, n.id DESC
LIMIT %(limit)s
"""
NEWEST = HISTORY + ORDER
NEWEST_OF_ACCOUNT = HISTORY + "WHERE n.account = %(account)s" + ORDER


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A notification and what became of it.

    Attributes:
        consent: which allows advertising: `in_event`, or `recorded` before.
        viber_fallback: why it goes as an SMS though Viber was to be tried first.
    """

    month: date
    id: int
    created_at: datetime
    account: str
    trigger: str
    recipient_kind: str
    recipient_id: str
    phone: str | None
    channel: str
    state: str
    reason: str | None
    segments: int
    message_id: str | None
    text: str
    due_at: datetime | None
    event_id: str | None
    event_type: str | None
    consent: str | None
    viber_fallback: str | None
    channels: Sequence[Mapping[str, Any]] | None

    @property
    def receipt(self) -> Mapping[str, Any] | None:
        return max(self.channels or (), key=lambda channel: rank(channel["status"]), default=None)

    @property
    def status_at(self) -> datetime | None:
        written = (self.receipt or {}).get("updated_at")
        return datetime.fromisoformat(written) if written else None

    @property
    def price(self) -> Decimal | None:
        """What all channels cost, in hryvnias; None while no price is known. A cancelled one costs nothing."""
        priced = [channel for channel in self.channels or () if channel["price"] is not None]
        known = [Decimal(0) if channel["status"] == CANCELLED else Decimal(channel["price"]) for channel in priced]
        return sum(known, Decimal()) if known else None


def newest(connection: Connection, *, account: str | None, limit: int) -> list[HistoryEntry]:
    values: Mapping[str, object] = {"account": account, "limit": limit}
    return [HistoryEntry(*row) for row in connection.execute(NEWEST if account is None else NEWEST_OF_ACCOUNT, values)]

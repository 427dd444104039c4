"""What became of notifications: a page of them with all that people are shown, the newest first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from worker.core.history.filters import Filter
from worker.core.history.search.names import PersonId
from worker.core.receipts.channel_status import CANCELLED, rank
from worker.core.sending.nudge import NotificationId
from worker.core.unsearched import Unsearched
from worker.store.db.postgres import Connection
from worker.store.history import search_entries
from worker.store.history.matching import find

ENTRIES = """
SELECT
    n.month, n.id, n.created_at, n.account, n.trigger, n.recipient_kind, n.recipient_id, n.client_id, n.phone,
    n.channel, n.state, n.reason, n.segments, p.message_id, n.text, n.due_at, n.record_kind, n.record_id,
    e.event_id, e.type AS event_type, n.consent, n.viber_fallback,
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
    ) AS channels,
    s.name, n.event_month, n.event, s.month IS NULL
FROM notifications AS n
LEFT JOIN provider_messages AS p ON n.month = p.month AND n.id = p.notification
LEFT JOIN events AS e ON n.event_month = e.month AND n.event = e.id
LEFT JOIN LATERAL (
    SELECT t.month, t.name FROM search_entries AS t
    WHERE t.month = n.month AND t.account = n.account AND t.notification = n.id
    OFFSET 0
) AS s ON TRUE
WHERE n.month = %(month)s AND n.id = ANY(%(ids)s)
ORDER BY n.id DESC
"""
#: Entries of an export that are read at once.
PAGE = 1_000


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A notification and what became of it.

    Attributes:
        name: of the person and the company, as the event wrote it.
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
    client: str | None
    phone: str | None
    channel: str
    state: str
    reason: str | None
    segments: int
    message_id: str | None
    text: str
    due_at: datetime | None
    record_kind: str | None
    record_id: str | None
    event_id: str | None
    event_type: str | None
    consent: str | None
    viber_fallback: str | None
    channels: Sequence[Mapping[str, Any]] | None
    name: str | None

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


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a history.

    Attributes:
        after: where the next page goes on; None where this is the last.
        unsearched: what could not be searched yet.
    """

    entries: Sequence[HistoryEntry]
    after: NotificationId | None = None
    unsearched: Unsearched | None = None


def page(connection: Connection, wanted: Filter, *, limit: int, after: NotificationId | None = None) -> Page:
    """List what a filter asks for, the newest first, from where the last page ended."""
    matches = find(connection, wanted, limit=limit + 1, after=after)
    ids = matches.ids[:limit]
    return Page(load(connection, ids), ids[-1] if len(matches.ids) > limit else None, matches.unsearched)


def pages(connection: Connection, wanted: Filter, *, size: int = PAGE) -> Iterator[Page]:
    """All pages; what is planned meanwhile is not among them."""
    after = None
    while True:
        part = page(connection, wanted, limit=size, after=after)
        yield part
        after = part.after
        if after is None:
            return


def load(connection: Connection, ids: Sequence[NotificationId]) -> list[HistoryEntry]:
    """What became of these, the newest first; one that is gone is left out."""
    by_month = {month: [id_ for its_month, id_ in ids if its_month == month] for month, _ in ids}
    rows = [
        row
        for month in sorted(by_month, reverse=True)
        for row in connection.execute(ENTRIES, {"month": month, "ids": by_month[month]})
    ]
    known = search_entries.names_of(connection, {(row[-3], row[-2]) for row in rows if row[-1]})
    return [with_name(HistoryEntry(*row[:-3]), known.get((row[-3], row[-2]), {})) for row in rows]


def with_name(entry: HistoryEntry, known: Mapping[PersonId, str]) -> HistoryEntry:
    named = known.get((entry.recipient_kind, entry.recipient_id))
    return replace(entry, name=named) if named else entry

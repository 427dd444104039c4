"""What a person does to a dead letter: edit it, close it, and plan again what it speaks of."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from worker.core.planning.channel import dedupe_channel
from worker.core.planning.draft import Draft
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection

#: Two people who replay one letter take turns, and the second one finds it closed.
LOCK = "SELECT state = 'open' FROM dead_letters WHERE id = %(id)s FOR UPDATE"

#: The letter that these bytes have just become.
REFUSED = """
SELECT reason, detail FROM dead_letters
WHERE kind = 'event' AND hash = any(%(hashes)s) AND state = 'open' AND last_at = %(now)s
ORDER BY id DESC
LIMIT 1
"""

CLOSE = """
UPDATE dead_letters
SET
    state = %(state)s, closed_at = %(now)s, closed_by = %(by)s, close_reason = %(why)s,
    event_month = %(month)s, event = %(event)s
WHERE id = %(id)s AND state = 'open'
"""

EDIT = """
UPDATE dead_letters
SET edited_body = %(body)s, edited_at = %(now)s, edited_by = %(by)s
WHERE id = %(id)s AND state = 'open' AND kind = 'event' AND edited_at IS NOT DISTINCT FROM %(seen_at)s
"""

EVENT = "SELECT month, id FROM event_keys WHERE key = %(key)s"

SOURCE = """
SELECT n.state, n.trigger, n.dedupe_key, n.recipient_key, n.channel, n.event_month, n.event, e.body, e.routing_key
FROM notifications AS n
INNER JOIN events AS e ON n.event_month = e.month AND n.event = e.id
WHERE n.month = %(month)s AND n.id = %(id)s
FOR UPDATE OF n
"""

NOTIFICATION = "SELECT state FROM notifications WHERE month = %(month)s AND id = %(id)s FOR UPDATE"


@dataclass(frozen=True, slots=True)
class Source:
    state: str
    trigger: str
    dedupe_key: str
    recipient_key: bytes
    channel: str
    month: date
    event: int
    body: bytes
    routing_key: str

    def is_of(self, draft: Draft) -> bool:
        """Whether this draft is the same notification, on whichever channel it goes now."""
        mine = (self.trigger, self.dedupe_key, self.recipient_key, dedupe_channel(self.channel))
        return mine == (draft.trigger, draft.dedupe_key, draft.recipient_key, dedupe_channel(draft.channel))


@dataclass(frozen=True, slots=True)
class Closing:
    """How a letter is closed: `replayed` or `dropped`, by whom, why, and as which event."""

    state: str
    by: str
    why: str | None = None
    event: NotificationId | None = None


def lock(connection: Connection, number: int) -> bool:
    """Whether a letter is open, and stays so until the transaction ends."""
    row = connection.execute(LOCK, {"id": number}).fetchone()
    return bool(row and row[0])


def close(connection: Connection, number: int, closing: Closing, *, now: datetime) -> bool:
    """Close an open letter; False if it was not open."""
    month, event = closing.event or (None, None)
    values = {"state": closing.state, "by": closing.by, "why": closing.why, "month": month, "event": event}
    return connection.execute(CLOSE, {**values, "id": number, "now": now}).rowcount == 1


def edit(connection: Connection, number: int, body: bytes, *, by: str, seen_at: datetime | None, now: datetime) -> bool:
    """Keep a new body beside the one that arrived; False if it is closed, or edited since `seen_at`, its last edit."""
    values = {"id": number, "body": body, "by": by, "seen_at": seen_at, "now": now}
    return connection.execute(EDIT, values).rowcount == 1


def refused_now(connection: Connection, hashes: Collection[bytes], *, now: datetime) -> tuple[str, str] | None:
    """Why these bytes were refused in this transaction."""
    return connection.execute(REFUSED, {"hashes": list(hashes), "now": now}).fetchone()


def event_of(connection: Connection, key: bytes) -> NotificationId | None:
    """The event that was accepted under a key."""
    return connection.execute(EVENT, {"key": key}).fetchone()


def notification_state(connection: Connection, notification_id: NotificationId) -> str | None:
    row = connection.execute(NOTIFICATION, {"month": notification_id[0], "id": notification_id[1]}).fetchone()
    return row[0] if row else None


def source(connection: Connection, notification_id: NotificationId) -> Source | None:
    row = connection.execute(SOURCE, {"month": notification_id[0], "id": notification_id[1]}).fetchone()
    return Source(*row) if row else None

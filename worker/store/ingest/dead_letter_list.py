"""The dead-letter desk: looking at letters and closing them; how they come here is dead_letters'."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from worker.core.audit.action import Action
from worker.core.planning.channel import dedupe_channel
from worker.core.planning.draft import Draft
from worker.core.sending.nudge import NotificationId
from worker.store.audit.audit import note
from worker.store.db.postgres import Connection

LIST = """
SELECT
    id, kind, reason, detail, account, event_id, event_type, times, created_at, last_at, state, closed_by, close_reason
FROM dead_letters
WHERE
    (state = 'open' OR %(closed)s)
    AND (%(reason)s::text IS NULL OR reason = %(reason)s)
    AND (%(account)s::text IS NULL OR account = %(account)s)
    AND (%(letter_kind)s::text IS NULL OR kind = %(letter_kind)s)
ORDER BY last_at DESC, id DESC
LIMIT %(limit)s
"""

LOAD = """
SELECT
    id, kind, reason, detail, account, event_id, event_type, times, created_at, last_at, state, closed_by, close_reason,
    queue, routing_key, notification_month, notification, traceback, size, hash, head, body, closed_at
FROM dead_letters
WHERE id = %(id)s
"""

#: The letter of the same bytes that is newest: what a replay was refused for.
NEWEST_OF = """
SELECT id, reason, detail
FROM dead_letters
WHERE kind = %(kind)s AND hash = %(hash)s AND state = 'open'
ORDER BY last_at DESC, id DESC
LIMIT 1
"""

CLOSE = """
UPDATE dead_letters
SET state = %(state)s, closed_at = %(now)s, closed_by = %(by)s, close_reason = %(why)s
WHERE id = %(id)s AND state = 'open'
RETURNING account, reason
"""

SOURCE = """
SELECT n.state, n.trigger, n.dedupe_key, n.recipient_key, n.channel, n.event_month, n.event, e.body, e.routing_key
FROM notifications AS n
INNER JOIN events AS e ON n.event_month = e.month AND n.event = e.id
WHERE n.month = %(month)s AND n.id = %(id)s
FOR UPDATE OF n
"""

NOTIFICATION = "SELECT state FROM notifications WHERE month = %(month)s AND id = %(id)s FOR UPDATE"


@dataclass(frozen=True, slots=True)
class DeadLetterSummary:
    id: int
    kind: str
    reason: str
    detail: str
    account: str | None
    event_id: str | None
    event_type: str | None
    times: int
    created_at: datetime
    last_at: datetime
    state: str
    closed_by: str | None
    close_reason: str | None


@dataclass(frozen=True, slots=True)
class KeptDeadLetter:
    """A letter with all that is kept of it; `body` is None where it was too large to keep whole."""

    summary: DeadLetterSummary
    queue: str | None
    routing_key: str | None
    notification_id: NotificationId | None
    traceback: str | None
    size: int
    hash: bytes
    head: bytes
    body: bytes | None
    closed_at: datetime | None


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
class Wanted:
    reason: str | None = None
    account: str | None = None
    letter_kind: str | None = None
    closed: bool = False


def list_dead_letters(connection: Connection, wanted: Wanted, *, limit: int | None = None) -> list[DeadLetterSummary]:
    return [DeadLetterSummary(*row) for row in connection.execute(LIST, {**asdict(wanted), "limit": limit})]


def load(connection: Connection, number: int) -> KeptDeadLetter | None:
    row = connection.execute(LOAD, {"id": number}).fetchone()
    if row is None:
        return None
    queue, routing_key, month, notification, *kept = row[13:]
    notification_id = None if notification is None else (month, notification)
    return KeptDeadLetter(DeadLetterSummary(*row[:13]), queue, routing_key, notification_id, *kept)


def newest_of(connection: Connection, dead_letter: KeptDeadLetter) -> tuple[int, str, str] | None:
    return connection.execute(NEWEST_OF, {"kind": dead_letter.summary.kind, "hash": dead_letter.hash}).fetchone()


def close(connection: Connection, number: int, *, state: str, by: str, why: str | None, now: datetime) -> bool:
    """Close an open letter as `replayed` or `dropped`, and note it; False if it was not open."""
    values = {"id": number, "state": state, "by": by, "why": why, "now": now}
    row = connection.execute(CLOSE, values).fetchone()
    if row is None:
        return False
    account, reason = row
    action: Action = "dead_replay" if state == "replayed" else "dead_drop"
    note(connection, by, action, f"letter {number}", account=account, after={"reason": reason}, now=now)
    return True


def notification_state(connection: Connection, notification_id: NotificationId) -> str | None:
    row = connection.execute(NOTIFICATION, {"month": notification_id[0], "id": notification_id[1]}).fetchone()
    return row[0] if row else None


def source(connection: Connection, notification_id: NotificationId) -> Source | None:
    row = connection.execute(SOURCE, {"month": notification_id[0], "id": notification_id[1]}).fetchone()
    return Source(*row) if row else None

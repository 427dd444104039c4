"""The dead-letter desk: finding letters and reading them; how they come here is dead_letters'."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from worker.core.contract.body_search import mentions
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, query_row

#: Letters of one fetch: their bodies are in memory together.
FETCHED = 200

#: A failed notification is of its event's id and type; each is looked up by its key.
FROM = """
FROM dead_letters AS d
LEFT JOIN LATERAL (
    SELECT e.event_id, e.type
    FROM notifications AS n
    INNER JOIN events AS e ON n.event_month = e.month AND n.event = e.id
    WHERE n.month = d.notification_month AND n.id = d.notification
    LIMIT 1
) AS origin ON TRUE
"""

#: A letter that came several times is of each moment from the first to the last.
MATCHING = (
    """
SELECT
    d.id, d.reason, d.created_at, d.last_at,
    CASE
        WHEN %(text)s::text IS NOT NULL
            THEN concat_ws(' ', d.detail, coalesce(d.event_id, origin.event_id), d.routing_key, d.traceback)
    END,
    CASE WHEN %(text)s::text IS NOT NULL THEN coalesce(d.edited_body, d.body, d.head) END
"""
    + FROM
    + """
WHERE
    (d.state = 'open' OR %(closed)s)
    AND (%(reason)s::text IS NULL OR d.reason = %(reason)s)
    AND (%(account)s::text IS NULL OR d.account = %(account)s)
    AND (%(letter_kind)s::text IS NULL OR d.kind = %(letter_kind)s)
    AND (%(event_type)s::text IS NULL OR coalesce(d.event_type, origin.type) = %(event_type)s)
    AND (%(since)s::timestamptz IS NULL OR d.last_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR d.created_at < %(until)s)
ORDER BY d.last_at, d.id
"""
)

SUMMARY = """
    d.id, d.kind, d.reason, d.detail, d.account, coalesce(d.event_id, origin.event_id),
    coalesce(d.event_type, origin.type), d.times, d.created_at, d.last_at, d.state, d.closed_by, d.close_reason,
    d.edited_at, d.edited_by
"""
SUMMARIES = "SELECT" + SUMMARY + FROM + "WHERE d.id = ANY(%(ids)s) ORDER BY d.last_at DESC, d.id DESC"

LOAD = (
    "SELECT"
    + SUMMARY
    + """,
    d.queue, d.routing_key, d.notification_month, d.notification, d.traceback, d.size,
    coalesce(d.body_hash, d.hash), d.head, d.body, d.edited_body, d.closed_at, d.event_month, d.event
"""
    + FROM
    + "WHERE d.id = %(id)s"
)

COUNT_OPEN = "SELECT count(*) FROM dead_letters WHERE coalesce(account, '') = %(account)s AND state = 'open'"

OPEN_BY_ACCOUNT = "SELECT coalesce(account, ''), count(*) FROM dead_letters WHERE state = 'open' GROUP BY 1"

KNOWN_ACCOUNTS = """
SELECT id FROM accounts
UNION
SELECT account FROM dead_letters WHERE account IS NOT NULL
ORDER BY 1
"""

KNOWN_TYPES = "SELECT DISTINCT event_type FROM dead_letters WHERE event_type IS NOT NULL ORDER BY 1"


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
    edited_at: datetime | None = None
    edited_by: str | None = None


@dataclass(frozen=True, slots=True)
class KeptDeadLetter:
    """A letter with all that is kept of it.

    Attributes:
        body: as it arrived; None where it was too large to keep whole.
        edited_body: as a person edited it; None if nobody has.
        event: the event that it became.
    """

    summary: DeadLetterSummary
    queue: str | None
    routing_key: str | None
    notification_id: NotificationId | None
    traceback: str | None
    size: int
    hash: bytes
    head: bytes
    body: bytes | None
    edited_body: bytes | None
    closed_at: datetime | None
    event: NotificationId | None

    @property
    def newest_body(self) -> bytes | None:
        return self.body if self.edited_body is None else self.edited_body


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters: of a reason, an account, a kind, a type, a time, with this text; open ones, or closed too."""

    reason: str | None = None
    account: str | None = None
    letter_kind: str | None = None
    event_type: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """The letters that somebody was shown, the oldest first, and how they are composed."""

    ids: Sequence[int] = ()
    oldest: datetime | None = None
    newest: datetime | None = None
    reasons: Mapping[str, int] = field(default_factory=dict[str, int])


def choose(connection: Connection, wanted: Wanted) -> Chosen:
    """Find every letter that is wanted, as it is now."""
    ids, reasons, oldest, newest = list[int](), Counter[str](), None, None
    for number, reason, created_at, last_at in matching(connection, wanted):
        ids.append(number)
        reasons[reason] += 1
        oldest, newest = min(oldest or created_at, created_at), last_at
    return Chosen(ids, oldest, newest, dict(reasons.most_common()))


def matching(connection: Connection, wanted: Wanted) -> Iterator[tuple[int, str, datetime, datetime]]:
    with connection.cursor("letters") as cursor:
        cursor.itersize = FETCHED
        for *columns, labels, body in cursor.execute(MATCHING, asdict(wanted)):
            if wanted.text is None or mentions((labels.encode(), bytes(body)), wanted.text):
                yield columns[0], columns[1], columns[2], columns[3]


def summaries(connection: Connection, ids: Sequence[int]) -> list[DeadLetterSummary]:
    """The letters of these ids, the newest first."""
    return [DeadLetterSummary(*row) for row in connection.execute(SUMMARIES, {"ids": list(ids)})]


def load(connection: Connection, number: int) -> KeptDeadLetter | None:
    row = connection.execute(LOAD, {"id": number}).fetchone()
    if row is None:
        return None
    queue, routing_key, month, notification, *kept, event_month, event = row[15:]
    notification_id = None if notification is None else (month, notification)
    became = None if event is None else (event_month, event)
    return KeptDeadLetter(DeadLetterSummary(*row[:15]), queue, routing_key, notification_id, *kept, event=became)


def count_open(connection: Connection, account: str) -> int:
    """Letters of an account that wait for a person."""
    return query_row(connection, COUNT_OPEN, {"account": account})[0]


def open_by_account(connection: Connection) -> dict[str, int]:
    """Letters that wait for a person; of no account under an empty name."""
    return dict(connection.execute(OPEN_BY_ACCOUNT).fetchall())


def known_accounts(connection: Connection) -> list[str]:
    """Accounts that exist, and those that letters name."""
    return [account for (account,) in connection.execute(KNOWN_ACCOUNTS)]


def known_types(connection: Connection) -> list[str]:
    """Types that letters name, of the contract or not."""
    return [event_type for (event_type,) in connection.execute(KNOWN_TYPES)]

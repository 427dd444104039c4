"""The accepted events of an account, page by page, the newest first."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from worker.core.clock.months import month_of
from worker.core.history.filters import EventFilter
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection
from worker.store.history.months import NO_END
from worker.store.history.search_entries import SETTLED

#: So many of an account's are looked through for a page, which may be short where few of them fit.
LOOKED_THROUGH = 20_000
LAST_MONTH = date(9999, 12, 1)

#: In one way through the account's index.
NEWEST = """
SELECT e.month, e.id, e.event_id, e.type, e.occurred_at, e.received_at, e.outcome
FROM (
    SELECT month, id, event_id, type, occurred_at, received_at, outcome FROM events
    WHERE account = %(account)s AND (month, id) < (%(month)s, %(id)s) AND month >= %(first_month)s
    ORDER BY month DESC, id DESC
    LIMIT %(looked_through)s
) AS e
WHERE
    (%(types)s::text [] IS NULL OR e.type = ANY(%(types)s))
    AND (%(outcomes)s::text [] IS NULL OR e.outcome = ANY(%(outcomes)s))
    AND (%(since)s::timestamptz IS NULL OR e.received_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR e.received_at < %(until)s)
ORDER BY e.month DESC, e.id DESC
LIMIT %(limit)s
"""

LAST_LOOKED_AT = """
SELECT month, id, received_at FROM events
WHERE account = %(account)s AND (month, id) < (%(month)s, %(id)s) AND month >= %(first_month)s
ORDER BY month DESC, id DESC
OFFSET %(looked_through)s - 1
LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class AcceptedEvent:
    """An accepted event; `outcome` is a code of `event_meanings`."""

    month: date
    id: int
    event_id: str
    type: str
    occurred_at: datetime
    received_at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class EventPage:
    """A page of events; `after` is where the next goes on, None where there is none."""

    events: list[AcceptedEvent]
    after: NotificationId | None


def event_page(
    connection: Connection, wanted: EventFilter, *, limit: int, after: NotificationId | None = None
) -> EventPage:
    """List events, the newest first, from where the last page ended; a short one may not be the last."""
    month, number = after or (LAST_MONTH, NO_END)
    # A day early: a batch's month is that of the moment when it began.
    first_month = month_of(wanted.since - timedelta(days=1)) if wanted.since else date.min
    values = {
        **asdict(wanted),
        "types": list(wanted.types) or None,
        "outcomes": list(wanted.outcomes) or None,
        "month": month,
        "id": number,
        "first_month": first_month,
        "looked_through": LOOKED_THROUGH,
        "limit": limit + 1,
    }
    found = [AcceptedEvent(*row) for row in connection.execute(NEWEST, values)]
    if len(found) > limit:
        return EventPage(found[:limit], (found[limit - 1].month, found[limit - 1].id))
    last = connection.execute(LAST_LOOKED_AT, values).fetchone()
    is_past = last is None or (wanted.since and last[2] < wanted.since - SETTLED)
    return EventPage(found, None if last is None or is_past else (last[0], last[1]))

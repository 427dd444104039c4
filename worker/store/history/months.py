"""Where the notifications of a filter may lie: month by month, the newest first, within its period."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from worker.core.clock.months import month_of
from worker.core.history.filters import Filter
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, query_row
from worker.store.history.search_entries import SETTLED

NO_END = 2**63 - 1
ENDS = "SELECT min(month), max(month) FROM notifications"
LAST = "SELECT coalesce(max(id), 0) FROM notifications WHERE month = %(month)s"
#: The row at an id, or the next one.
AT = "SELECT id, created_at FROM notifications WHERE month = %(month)s AND id >= %(id)s ORDER BY id LIMIT 1"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Ids of a month from `first` on, below `below`."""

    month: date
    first: int
    below: int


def stretches(connection: Connection, wanted: Filter, after: NotificationId | None) -> Iterator[Stretch]:
    """List where to look, from where a page ended."""
    for month in months(connection, wanted, after):
        first, below = 0, after[1] if after and after[0] == month else NO_END
        if wanted.since and month == month_of(wanted.since):
            first = first_id(connection, month, wanted.since - SETTLED)
        if wanted.until and month == month_of(wanted.until):
            below = min(below, first_id(connection, month, wanted.until + SETTLED))
        if first < below:
            yield Stretch(month, first, below)


def months(connection: Connection, wanted: Filter, after: NotificationId | None) -> Iterator[date]:
    row = connection.execute(ENDS).fetchone()
    if row is None or row[0] is None:
        return
    first, last = row
    if wanted.since:
        first = max(first, month_of(wanted.since))
    if wanted.until:
        last = min(last, month_of(wanted.until))
    if after:
        last = min(last, after[0])
    while last >= first:
        yield last
        last = date(last.year - (last.month == 1), (last.month - 2) % 12 + 1, 1)


def first_id(connection: Connection, month: date, moment: datetime) -> int:
    """The first id of a month from a moment on: ids grow with time, but for transactions that were under way."""
    low, high = 0, int(query_row(connection, LAST, {"month": month})[0]) + 1
    while low < high:
        middle = (low + high) // 2
        at = connection.execute(AT, {"month": month, "id": middle}).fetchone()
        if at is None or at[1] >= moment:
            high = middle
        else:
            low = at[0] + 1
    return low

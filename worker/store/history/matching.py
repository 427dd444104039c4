"""Finds the notifications of a filter, the newest first, however few or many of them there are.

Each way has an index: of an account and of a client, in the order of a page; of ends that went otherwise than well; and
for people, records, triggers and keywords `term_search`.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import LiteralString

from worker.core.history.filters import Filter
from worker.core.history.search.entry import RARE
from worker.core.sending.notification_states import ENDED_OTHERWISE
from worker.core.sending.nudge import NotificationId
from worker.core.unsearched import Unsearched, joined
from worker.store.db.postgres import Connection, query_row
from worker.store.history.conditions import Conditions, without_keywords
from worker.store.history.months import Stretch, stretches
from worker.store.history.term_search import TermSearch

PAGE = 1_000

#: Finds at most so many ids, the newest first.
Way = Callable[[Stretch, int], list[int]]
#: Within a stretch.
STRETCH: LiteralString = "n.month = %(month)s AND n.id >= %(first)s AND n.id < %(below)s"


def in_order(where: LiteralString) -> LiteralString:
    return f"""
SELECT n.id FROM notifications AS n
WHERE {STRETCH} AND {where}
ORDER BY n.id DESC
LIMIT %(limit)s
"""


def by_state(where: LiteralString) -> LiteralString:
    """State by state, for each is an ordered part of the index."""
    return f"""
SELECT found.id
FROM unnest(%(states)s::text []) AS wanted (state)
CROSS JOIN LATERAL (
    SELECT n.id FROM notifications AS n
    WHERE
        {STRETCH} AND {where}
        AND n.ended_as = wanted.state
    ORDER BY n.id DESC
    LIMIT %(limit)s
) AS found
ORDER BY found.id DESC
LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Matches:
    """Ids, the newest first; `unsearched` was left out of a search."""

    ids: list[NotificationId]
    unsearched: Unsearched | None = None


def find(connection: Connection, wanted: Filter, *, limit: int, after: NotificationId | None = None) -> Matches:
    """Find a page of what a filter asks for, from where the last one ended."""
    search = TermSearch(connection, wanted)
    look = way(connection, wanted, search)
    ids: list[NotificationId] = []
    for stretch in stretches(connection, wanted, after):
        ids += [(stretch.month, number) for number in look(stretch, limit - len(ids))]
        if len(ids) == limit:
            break
    return Matches(ids, search.unsearched)


def every(connection: Connection, wanted: Filter, *, page: int = PAGE) -> Matches:
    """Find all, a page at a time; whatever is planned meanwhile is not among them."""
    part = find(connection, wanted, limit=page)
    ids, unsearched = [*part.ids], part.unsearched
    while len(part.ids) == page:
        part = find(connection, wanted, limit=page, after=part.ids[-1])
        ids += part.ids
        unsearched = joined(unsearched, part.unsearched)
    return Matches(ids, unsearched)


def way(connection: Connection, wanted: Filter, search: TermSearch) -> Way:
    where = without_keywords(wanted)
    has_index = wanted.account and wanted.states and ENDED_OTHERWISE.issuperset(wanted.states)
    by_states = partial(ids_of, connection, by_state(where.sql), where)
    if wanted.account and (wanted.text is not None or replace(wanted, client=None).is_narrow):
        return partial(search.among_few, by_states) if has_index else search.look
    if has_index:
        return by_states
    if wanted.account and not wanted.client and (wanted.triggers or wanted.channel in RARE):
        return search.look
    return partial(ids_of, connection, in_order(where.sql), where)


def ids_of(
    connection: Connection, statement: LiteralString, where: Conditions, stretch: Stretch, limit: int
) -> list[int]:
    values = {**where.values, **asdict(stretch), "limit": limit}
    return [row[0] for row in connection.execute(statement, values)]


def count(connection: Connection, wanted: Filter) -> int | None:
    """Count what a filter asks for, as far as its keywords need not be looked for."""
    where = without_keywords(wanted)
    statement: LiteralString = f"SELECT count(*) FROM notifications AS n WHERE {where.sql}"
    return None if wanted.text is not None else query_row(connection, statement, where.values)[0]

"""Finds notifications by terms of `search_entries`: people, records, triggers and keywords.

An index of terms has no order. Where many rows have them, their newest are found sooner by looking through the newest
rows of the account; where few have them, the index names all. So the newest rows are looked through first, entered or
not, and what is older is asked of the index.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import LiteralString

from psycopg.rows import TupleRow

from worker.core.history.filters import Filter
from worker.core.history.keywords import words
from worker.core.history.search.entry import Terms, terms_of
from worker.core.unsearched import Unsearched, joined
from worker.store.db.postgres import Connection, query_row
from worker.store.history import search_entries
from worker.store.history.conditions import without_keywords
from worker.store.history.months import Stretch

#: The newest rows that are looked through: a few for what many rows match, then the others.
GLANCES = (250, 3_750)
#: What the index finds is looked at so many at a time, and more and more should few of them fit.
LOOKED_AT, LOOKED_AT_MOST = 200, 5_000
#: So many finds are taken at first, and ten times as many whenever none of them was enough.
FITTING, MORE = 20_000, 10
#: So few rows in a state are looked at themselves.
FEW = 2_000

NEWEST = """
SELECT id FROM notifications
WHERE month = %(month)s AND account = %(account)s AND id >= %(first)s AND id < %(below)s
ORDER BY id DESC
LIMIT %(limit)s
"""


def by_terms(terms: Terms) -> LiteralString:
    """Materialised, or a planner that takes the terms for frequent would read the rows in their order instead."""
    every: LiteralString = "AND terms @> %(every)s::int []" if terms.every else ""
    some: LiteralString = "AND terms && %(some)s::int []" if terms.some else ""
    return f"""
WITH found AS MATERIALIZED (
    SELECT notification FROM search_entries
    WHERE month = %(month)s AND notification >= %(first)s AND notification < %(below)s {every} {some}
)
SELECT notification FROM found
ORDER BY notification DESC
LIMIT %(limit)s
"""


CHANGED = """
SELECT notification FROM search_changes
WHERE account = %(account)s AND month = %(month)s AND notification >= %(first)s AND notification < %(below)s
"""


def looked_at(where: LiteralString) -> LiteralString:
    """Rows that fit; what their reader must look in himself comes with those that are not entered.

    Entries are looked up row by row, whatever a planner believes of a month that has just begun.
    """
    return f"""
SELECT
    n.id, s.words IS NULL, CASE WHEN s.words IS NULL THEN n.text END, n.phone,
    n.recipient_kind, n.recipient_id, n.event_month, n.event
FROM notifications AS n
LEFT JOIN LATERAL (
    SELECT e.words FROM search_entries AS e
    WHERE e.month = n.month AND e.account = n.account AND e.notification = n.id
    OFFSET 0
) AS s ON TRUE
WHERE
    n.month = %(month)s AND n.id = ANY(%(ids)s) AND {where}
    AND NOT EXISTS (
        SELECT FROM unnest(%(keywords)s::text []) AS k(word)
        WHERE
            strpos(s.words, k.word) = 0
            -- The phone is the last line.
            OR (NOT %(searches_phones)s AND strpos(regexp_replace(s.words, '\\n[+][0-9]+$', ''), k.word) = 0)
    )
"""


def not_entered(where: LiteralString) -> LiteralString:
    return f"""
SELECT n.id FROM notifications AS n
WHERE n.month = %(month)s AND n.id >= %(first)s AND n.id < %(below)s AND {where}
ORDER BY n.id DESC
"""


#: When the first and the last of an account's rows between two ids were planned.
SPAN = """
SELECT
    (
        SELECT n.created_at FROM notifications AS n
        WHERE n.month = %(month)s AND n.account = %(account)s AND n.id >= %(first)s AND n.id < %(below)s
        ORDER BY n.id
        LIMIT 1
    ),
    (
        SELECT n.created_at FROM notifications AS n
        WHERE n.month = %(month)s AND n.account = %(account)s AND n.id >= %(first)s AND n.id < %(below)s
        ORDER BY n.id DESC
        LIMIT 1
    )
"""


class TermSearch:
    """A page's way through the months of a filter."""

    def __init__(self, connection: Connection, wanted: Filter) -> None:
        self._connection = connection
        self._wanted = wanted
        self._keywords = wanted.keywords
        self._terms = terms_of(wanted)
        where = without_keywords(wanted)
        self._where: LiteralString = where.sql
        self._values = where.values
        self._glances = list(GLANCES)
        self._mark: tuple[date, int] | None = None
        self.unsearched: Unsearched | None = None

    def look(self, stretch: Stretch, limit: int) -> list[int]:
        """Find at most so many, the newest first."""
        ids: list[int] = []
        while self._glances and len(ids) < limit:
            size = self._glances.pop(0)
            newest = self._ids(NEWEST, stretch, limit=size)
            ids += self._fitting(stretch.month, newest)
            if len(newest) < size:
                return ids[:limit]
            stretch = replace(stretch, below=newest[-1])
        if len(ids) < limit:
            ids += self._asked(stretch, limit - len(ids))
        return ids[:limit]

    def among_few(self, named: Callable[[Stretch, int], list[int]], stretch: Stretch, limit: int) -> list[int]:
        """Look at rows that are named, if they are few; else as usual."""
        few = named(stretch, FEW)
        return self.look(stretch, limit) if len(few) == FEW else self._fitting(stretch.month, few)[:limit]

    def _asked(self, stretch: Stretch, limit: int) -> list[int]:
        """Ask the index, and add what it does not know."""
        unknown, size, fitting = self._unknown(stretch), FITTING, list[int]()
        while True:
            asked = {"every": self._terms.every, "some": self._terms.some, "limit": size}
            ids = self._ids(by_terms(self._terms), stretch, **asked)
            last = ids[-1] if len(ids) == size else stretch.first
            some = sorted({*ids, *(number for number in unknown if last <= number < stretch.below)}, reverse=True)
            for part in parts(some):
                fitting += self._fitting(stretch.month, part)
                if len(fitting) >= limit:
                    return fitting
            if last == stretch.first:
                return fitting
            stretch, size = replace(stretch, below=last), size * MORE

    def _unknown(self, stretch: Stretch) -> set[int]:
        """Rows that the index does not know: changed lately, or planned since the mark if they are not too many."""
        changed = set(self._ids(CHANGED, stretch))
        month, entered = self._mark = self._mark or search_entries.mark(self._connection)
        if month > stretch.month:
            return changed
        later = replace(stretch, first=max(stretch.first, entered + 1 if month == stretch.month else 0))
        if later.first >= later.below:
            return changed
        if self._wanted.is_narrow or not self._keywords.all:
            return changed | set(self._ids(not_entered(self._where), later, **self._values))
        self._leave_out(later)
        return changed

    def _leave_out(self, stretch: Stretch) -> None:
        since, until = query_row(self._connection, SPAN, {**asdict(stretch), "account": self._wanted.account})
        if since:
            self.unsearched = joined(self.unsearched, Unsearched(since, until))

    def _fitting(self, month: date, ids: Sequence[int]) -> list[int]:
        values = {
            **self._values,
            "month": month,
            "ids": list(ids),
            "keywords": list(self._keywords.all),
            "searches_phones": self._wanted.searches_phones,
        }
        rows = self._connection.execute(looked_at(self._where), values).fetchall() if ids else []
        seen = [row for row in rows if not row[1]] + list(self._read([row for row in rows if row[1]]))
        return sorted((row[0] for row in seen), reverse=True)

    def _read(self, rows: Sequence[TupleRow]) -> Iterator[TupleRow]:
        """Rows that have the keywords, which are looked for here: in names, too, as far as text and phone lack them."""
        if not self._keywords.all:
            yield from rows
            return
        others: list[TupleRow] = []
        for row in rows:
            fits = self._keywords.are_in(words(row[2], None, self._searched(row[3])))
            if fits:
                yield row
            else:
                others.append(row)
        known = search_entries.names_of(self._connection, {(row[6], row[7]) for row in others})
        for row in others:
            name = known.get((row[6], row[7]), {}).get((row[4], row[5]))
            if name and self._keywords.are_in(words(row[2], name, self._searched(row[3]))):
                yield row

    def _searched(self, phone: str | None) -> str | None:
        return phone if self._wanted.searches_phones else None

    def _ids(self, statement: LiteralString, stretch: Stretch, **more: object) -> list[int]:
        values = {"account": self._wanted.account, **more, **asdict(stretch)}
        return [row[0] for row in self._connection.execute(statement, values)]


def parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    first, size = 0, LOOKED_AT
    while first < len(ids):
        yield ids[first : first + size]
        first, size = first + size, min(2 * size, LOOKED_AT_MOST)

"""How many of the newest texts are in which state."""

from dataclasses import replace
from typing import LiteralString

from worker.core.history.filters import Filter
from worker.store.db.postgres import Connection
from worker.store.history.conditions import without_keywords

#: So many of an account's, or of a client's, newest texts are looked at: a page must be quick also over a million.
LOOKED_AT = 5_000


def state_counts(connection: Connection, wanted: Filter) -> dict[str, int]:
    """Count by state what a filter finds among the newest; whatever states and keywords it has."""
    whose = without_keywords(Filter(account=wanted.account, client=wanted.client))
    which = without_keywords(replace(wanted, states=(), reason=None, text=None))
    statement: LiteralString = f"""
        SELECT n.state, count(*)
        FROM (
            SELECT * FROM notifications AS n
            WHERE {whose.sql}
            ORDER BY n.month DESC, n.id DESC
            LIMIT %(looked_at)s
        ) AS n
        WHERE {which.sql}
        GROUP BY n.state
        ORDER BY count(*) DESC, n.state
    """
    return dict(connection.execute(statement, {**which.values, "looked_at": LOOKED_AT}).fetchall())

"""Filters of the history that somebody keeps under a name."""

from worker.store.db.postgres import Connection

#: Of one person in one account; a few are looked at, more are not found again.
VIEWS_MAX = 20

LIST = "SELECT name, query FROM saved_views WHERE user_id = %(user_id)s AND account = %(account)s ORDER BY name"

SAVE = """
INSERT INTO saved_views AS known (user_id, account, name, query)
SELECT %(user_id)s, %(account)s, %(name)s, %(query)s
WHERE
    %(most)s > (
        SELECT count(*) FROM saved_views
        WHERE user_id = %(user_id)s AND account = %(account)s AND name <> %(name)s
    )
ON CONFLICT (user_id, account, name) DO UPDATE SET query = excluded.query
"""

REMOVE = "DELETE FROM saved_views WHERE user_id = %(user_id)s AND account = %(account)s AND name = %(name)s"


def saved_views(connection: Connection, user_id: int, account: str) -> list[tuple[str, str]]:
    """Names with queries as addresses have them, without the question mark."""
    return [(name, query) for name, query in connection.execute(LIST, {"user_id": user_id, "account": account})]


def save(connection: Connection, user_id: int, account: str, name: str, query: str) -> bool:
    """Keep a view, in place of one of this name; False where there is no room for more."""
    values = {"user_id": user_id, "account": account, "name": name, "query": query, "most": VIEWS_MAX}
    return connection.execute(SAVE, values).rowcount == 1


def remove(connection: Connection, user_id: int, account: str, name: str) -> None:
    connection.execute(REMOVE, {"user_id": user_id, "account": account, "name": name})

"""What became of an account's texts that were planned today."""

from datetime import datetime

from worker.store.db.postgres import Connection

#: So many of the newest are looked at: a page must be quick also on a day of a million.
LOOKED_AT = 20_000

TODAY = """
SELECT n.state, count(*)
FROM (
    SELECT state, created_at FROM notifications
    WHERE account = %(account)s
    ORDER BY month DESC, id DESC
    LIMIT %(looked_at)s
) AS n
WHERE n.created_at >= %(since)s
GROUP BY n.state
ORDER BY count(*) DESC, n.state
"""


def states_since(connection: Connection, account: str, *, since: datetime) -> dict[str, int]:
    """By state, of those planned since; the most first, and of more than are looked at the newest."""
    values = {"account": account, "since": since, "looked_at": LOOKED_AT}
    return dict(connection.execute(TODAY, values).fetchall())

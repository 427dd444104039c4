"""What became of an account's texts that were planned today, and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from worker.store.db.postgres import Connection

#: So many of the newest are looked at: a page must be quick also on a day of a million.
LOOKED_AT = 20_000

TODAY = """
SELECT n.state, n.reason, count(*)
FROM (
    SELECT state, reason, created_at FROM notifications
    WHERE account = %(account)s
    ORDER BY month DESC, id DESC
    LIMIT %(looked_at)s
) AS n
WHERE n.created_at >= %(since)s
GROUP BY n.state, n.reason
ORDER BY count(*) DESC, n.state, n.reason
"""


class Became(NamedTuple):
    """Texts in one state for one reason."""

    state: str
    reason: str | None
    texts: int


def became_since(connection: Connection, account: str, *, since: datetime) -> Sequence[Became]:
    """Of those planned since; the most first, and of more than are looked at the newest."""
    values = {"account": account, "since": since, "looked_at": LOOKED_AT}
    return [Became(*row) for row in connection.execute(TODAY, values)]

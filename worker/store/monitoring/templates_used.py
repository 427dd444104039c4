"""When custom templates were used last."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from worker.store.db.postgres import Connection

#: So many of an account's newest texts are looked at: what was used before them was used long ago.
LOOKED_AT = 20_000

LAST_USED = """
SELECT n.template, max(n.created_at)
FROM (
    SELECT template, created_at FROM notifications
    WHERE account = %(account)s
    ORDER BY month DESC, id DESC
    LIMIT %(looked_at)s
) AS n
WHERE n.template = ANY(%(templates)s)
GROUP BY n.template
"""


def last_used(connection: Connection, account: str, templates: Sequence[int]) -> Mapping[int, datetime]:
    """By template; those that no text of lately is of are left out."""
    values = {"account": account, "templates": list(templates), "looked_at": LOOKED_AT}
    return dict(connection.execute(LAST_USED, values).fetchall())

"""The newest events of one type, for a text to be tried on."""

from __future__ import annotations

from worker.store.db.postgres import Connection

#: No index finds a type: so many of the newest events are looked through, each by its key.
LOOKED_THROUGH = 50_000

LAST = """
SELECT e.body, e.routing_key
FROM (
    SELECT month, id, account, type, body, routing_key FROM events
    ORDER BY month DESC, id DESC
    LIMIT %(looked_through)s
) AS e
WHERE e.account = %(account)s AND e.type = %(type)s
ORDER BY e.month DESC, e.id DESC
LIMIT %(limit)s
"""


def last(connection: Connection, account: str, event_type: str, *, limit: int) -> list[tuple[bytes, str]]:
    """Bodies and routing keys, the newest first."""
    values = {"account": account, "type": event_type, "limit": limit, "looked_through": LOOKED_THROUGH}
    return [(bytes(body), key) for body, key in connection.execute(LAST, values)]

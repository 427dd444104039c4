"""What became of one notification that somebody watches."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg.rows import class_row

from worker.core.nudge import Place
from worker.store.postgres import Connection

LOOK = """
SELECT n.state, n.reason, p.message_id
FROM notifications AS n
LEFT JOIN provider_messages AS p ON n.month = p.month AND n.id = p.notification
WHERE n.month = %(month)s AND n.id = %(id)s
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where it stands, why, and under which id the provider took it."""

    state: str
    reason: str | None
    message_id: str | None


def look(connection: Connection, place: Place) -> Standing:
    """Where it stands now.

    Raises:
        LookupError: it is gone.
    """
    month, number = place
    with connection.cursor(row_factory=class_row(Standing)) as cursor:
        found = cursor.execute(LOOK, {"month": month, "id": number}).fetchone()
    if found is None:
        raise LookupError("a notification that was just planned is gone")
    return found

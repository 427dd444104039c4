"""For how many days each kind of data is kept."""

from collections.abc import Mapping

from worker.core.privacy.retention import DEFAULTS
from worker.store.db.postgres import Connection

LIST = "SELECT kind, days FROM retention"
SAVE = """
INSERT INTO retention (kind, days) VALUES (%(kind)s, %(days)s)
ON CONFLICT (kind) DO UPDATE SET days = excluded.days
"""


def days_of(connection: Connection) -> Mapping[str, int]:
    return {**DEFAULTS, **{row[0]: row[1] for row in connection.execute(LIST)}}


def save(connection: Connection, kind: str, days: int) -> None:
    """Keep data of a kind for so many days.

    Raises:
        psycopg.errors.CheckViolation: they are fewer than it needs.
    """
    connection.execute(SAVE, {"kind": kind, "days": days})

"""Where people are signed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.core.access.user import User
from worker.store.db.postgres import Connection

#: Unused for so long it is over, and after so long in any case.
IDLE, WHOLE = timedelta(hours=12), timedelta(days=7)

ADD = """
INSERT INTO sessions (token_hash, user_id, began_at, used_at)
VALUES (%(token_hash)s, %(user_id)s, %(now)s, %(now)s)
"""

FIND = """
SELECT
    s.id, s.used_at < %(now)s::timestamptz - interval '1 minute',
    u.id, u.name, u.role, u.account, u.sees_phones, u.spends, u.sees_prices, u.language
FROM sessions AS s
INNER JOIN users AS u ON s.user_id = u.id
WHERE
    s.token_hash = %(token_hash)s AND s.used_at > %(now)s::timestamptz - %(idle)s::interval
    AND s.began_at > %(now)s::timestamptz - %(whole)s::interval
"""

NOTE_USE = """
WITH used AS (
    UPDATE sessions SET used_at = %(now)s WHERE id = %(id)s RETURNING user_id
)
UPDATE users SET last_seen_at = %(now)s FROM used WHERE users.id = used.user_id
"""

END = "DELETE FROM sessions WHERE token_hash = %(token_hash)s RETURNING user_id"

END_ALL = "DELETE FROM sessions WHERE user_id = %(user_id)s AND token_hash IS DISTINCT FROM %(but)s"

PURGE = """
DELETE FROM sessions
WHERE
    used_at <= %(now)s::timestamptz - %(idle)s::interval
    OR began_at <= %(now)s::timestamptz - %(whole)s::interval
"""
LIFE = {"idle": IDLE, "whole": WHOLE}


@dataclass(frozen=True, slots=True)
class KnownSession:
    """A session that is not over, and whether its use is unnoted."""

    id: int
    is_unnoted: bool
    user: User


def add(connection: Connection, token_hash: bytes, user_id: int, *, now: datetime) -> None:
    connection.execute(ADD, {"token_hash": token_hash, "user_id": user_id, "now": now})


def find(connection: Connection, token_hash: bytes, *, now: datetime) -> KnownSession | None:
    row = connection.execute(FIND, {"token_hash": token_hash, "now": now, **LIFE}).fetchone()
    return KnownSession(row[0], row[1], User(*row[2:])) if row else None


def note_use(connection: Connection, session_id: int, *, now: datetime) -> None:
    """Write down that a session, and so its user, was seen: at most once a minute."""
    connection.execute(NOTE_USE, {"id": session_id, "now": now})


def end(connection: Connection, token_hash: bytes) -> None:
    connection.execute(END, {"token_hash": token_hash})


def end_all(connection: Connection, user_id: int, *, but: bytes | None = None) -> int:
    """End all sessions of somebody but one; how many."""
    return connection.execute(END_ALL, {"user_id": user_id, "but": but}).rowcount


def purge(connection: Connection, *, now: datetime) -> int:
    """Delete the sessions that are over; how many."""
    return connection.execute(PURGE, {"now": now, **LIFE}).rowcount

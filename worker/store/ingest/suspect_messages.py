"""Deliveries that may have killed a worker: counted before they run alone, forgotten when they settle."""

from datetime import datetime

from worker.store.db.postgres import Connection, query_row

RUNS = "SELECT coalesce((SELECT times FROM suspect_messages WHERE hash = %(hash)s), 0)"

COUNT = """
INSERT INTO suspect_messages AS known (hash, times, first_at, last_at)
VALUES (%(hash)s, 1, %(now)s, %(now)s)
ON CONFLICT (hash) DO UPDATE SET times = known.times + 1, last_at = excluded.last_at
RETURNING times
"""

CLEAR = "DELETE FROM suspect_messages WHERE hash = %(hash)s"

# A count of one is a row; taking it back removes the row.
TAKE_BACK_LAST = "DELETE FROM suspect_messages WHERE hash = %(hash)s AND times = 1"
TAKE_BACK = "UPDATE suspect_messages SET times = times - 1 WHERE hash = %(hash)s AND times > 1"


def runs(connection: Connection, hash_: bytes) -> int:
    """How many runs of it were counted."""
    return query_row(connection, RUNS, {"hash": hash_})[0]


def count(connection: Connection, hash_: bytes, *, now: datetime) -> int:
    return query_row(connection, COUNT, {"hash": hash_, "now": now})[0]


def clear(connection: Connection, hash_: bytes) -> None:
    connection.execute(CLEAR, {"hash": hash_})


def take_back(connection: Connection, hash_: bytes) -> None:
    """Take back the count of a run that ended in good order without settling."""
    if connection.execute(TAKE_BACK_LAST, {"hash": hash_}).rowcount == 0:
        connection.execute(TAKE_BACK, {"hash": hash_})

import os
import struct
from datetime import timedelta

import psycopg
import pytest

from tests.support.waiting import wait_until
from worker.store.db.frozen_sessions import end_frozen
from worker.store.db.postgres import Pool, transaction

LOCK = "SELECT FROM configuration FOR UPDATE"
IN_A_MESSAGE = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND state = 'active' AND wait_event = 'ClientRead'"
PARSE = b"\0SELECT $1::text\0\0\0"
#: A message whose length is more than the bytes that follow.
HALF_OF_BIND = b"B" + struct.pack(">i", 100_000) + b"\0\0"


def frozen(url: str, name: str) -> psycopg.Connection:
    """A session with a lock whose process froze while it sent a message."""
    connection = psycopg.connect(url, application_name=name)
    connection.execute(LOCK)
    os.write(connection.pgconn.socket, b"P" + struct.pack(">i", len(PARSE) + 4) + PARSE + HALF_OF_BIND)
    return connection


def wait_until_frozen(session: psycopg.Connection, other: psycopg.Connection) -> None:
    """Ask outside any transaction: a transaction keeps its first view of `pg_stat_activity`."""
    pid = session.info.backend_pid
    wait_until(lambda: other.execute(IN_A_MESSAGE, (pid,)).fetchone() == (1,), "it is frozen")


def test_a_session_frozen_in_a_message_loses_its_locks(database_url: str, pool: Pool) -> None:
    session = frozen(database_url, "perfectum-sms scheduler")
    with pool.connection() as connection, psycopg.connect(database_url, autocommit=True) as other:
        wait_until_frozen(session, other)
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute(f"{LOCK} NOWAIT")

        assert end_frozen(connection, timedelta(hours=1)) == 0
        assert end_frozen(connection, timedelta(0)) == 1

        other.execute(LOCK)
    session.close()


def test_a_frozen_session_of_another_program_is_not_ended(database_url: str, pool: Pool) -> None:
    session = frozen(database_url, "pg_restore")
    with transaction(pool) as connection, psycopg.connect(database_url, autocommit=True) as other:
        wait_until_frozen(session, other)

        assert end_frozen(connection, timedelta(0)) == 0
    session.close()


def test_a_session_frozen_after_a_pipeline_loses_its_locks(database_url: str, pool: Pool) -> None:
    with (
        pool.connection() as connection,
        psycopg.connect(database_url, autocommit=True) as other,
        psycopg.connect(database_url, application_name="perfectum-sms worker") as session,
    ):
        with session.pipeline():
            session.execute(LOCK)
        pid = session.info.backend_pid
        wait_until(lambda: other.execute(IDLE, (pid,)).fetchone() == (1,), "it is idle in its transaction")

        assert end_frozen(connection, timedelta(hours=1)) == 0
        assert end_frozen(connection, timedelta(0)) == 1

        other.execute(LOCK)
        session.close()


IDLE = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND state = 'idle in transaction'"

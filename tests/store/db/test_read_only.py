from collections.abc import Callable
from contextlib import AbstractContextManager

import psycopg
import pytest
from psycopg import sql

from tests.support.crm import row
from tests.support.waiting import wait_until
from worker.store.db.postgres import Connection, Pool, each_alone, open_pool, transaction

Way = Callable[[Pool], AbstractContextManager[Connection]]
COUNT = "INSERT INTO suspect_messages (hash, times, first_at, last_at) VALUES (sha256('x'), 1, now(), now())"
READ_ONLY = "ALTER DATABASE {} SET default_transaction_read_only = on"
WRITABLE = "ALTER DATABASE {} RESET default_transaction_read_only"


@pytest.mark.parametrize("way", [transaction, each_alone])
def test_read_only_sessions_are_replaced_once_the_server_writes(database_url: str, pool: Pool, way: Way) -> None:
    with pool.connection() as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL(READ_ONLY).format(name))
    with open_pool(database_url, size=1, name="ours") as ours:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            write(ours, way)
        with pool.connection() as connection:
            connection.execute(sql.SQL(WRITABLE).format(name))

        wait_until(lambda: has_written(ours, way), "a session that may write")

    assert row(pool, "SELECT count(*) FROM suspect_messages") == (1,)


def write(pool: Pool, way: Way) -> None:
    with way(pool) as connection:
        connection.execute(COUNT)


def has_written(pool: Pool, way: Way) -> bool:
    try:
        write(pool, way)
    except psycopg.errors.ReadOnlySqlTransaction:
        return False
    return True

import re
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from tests.support.waiting import PATIENCE_S, wait_until
from worker.store.db import concurrent_indexes
from worker.store.db.migrations import migrate

TABLES = """
CREATE TABLE texts (month integer NOT NULL, a integer) PARTITION BY LIST (month);
CREATE TABLE texts_1 PARTITION OF texts FOR VALUES IN (1);
CREATE TABLE texts_2 PARTITION OF texts FOR VALUES IN (2);
CREATE TABLE people (a integer);
"""
INDEXES = """
-- A comment; of it.
CREATE INDEX CONCURRENTLY texts_by_a ON texts (a) WHERE a > 0;
CREATE INDEX CONCURRENTLY people_by_a ON people (a);
"""
VALID = (
    "SELECT indexrelid::regclass::text FROM pg_index WHERE indisvalid AND indexrelid::regclass::text LIKE '%%_by_a%%'"
)
ALL = {"people_by_a", "texts_by_a", "texts_by_a_1", "texts_by_a_2"}
WAITS = (
    "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%' AND wait_event_type = 'Lock'"
)


@pytest.fixture
def connection(empty_database_url: str, tmp_path: Path) -> Generator[psycopg.Connection]:
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        (tmp_path / "0001_tables.sql").write_text(TABLES)
        migrate(connection, tmp_path)
        (tmp_path / "0002_indexes.sql").write_text(INDEXES)
        yield connection


def valid(connection: psycopg.Connection) -> set[str]:
    return {name for (name,) in connection.execute(VALID)}


def test_an_index_is_built_of_each_partition_and_of_those_to_come(
    connection: psycopg.Connection, tmp_path: Path
) -> None:
    assert migrate(connection, tmp_path) == ["0002_indexes.sql"]
    assert valid(connection) == ALL
    connection.execute("CREATE TABLE texts_3 PARTITION OF texts FOR VALUES IN (3)")
    assert len(valid(connection) - ALL) == 0
    rows = connection.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'texts_by_a'::regclass").fetchone()

    assert rows == (3,)


def test_nobody_is_held_up_while_it_is_built_beside_an_old_transaction(
    connection: psycopg.Connection, empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(concurrent_indexes, "PATIENCE", "SET lock_timeout = '500ms'")
    texts: list[str] = []
    with (
        psycopg.connect(empty_database_url, autocommit=True) as worker,
        psycopg.connect(empty_database_url, application_name="a dump") as dump,
        ThreadPoolExecutor(1) as thread,
    ):
        dump.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        dump.execute("SELECT FROM texts")
        migrating = thread.submit(migrate, connection, tmp_path, report=texts.append)
        wait_until(lambda: worker.execute(WAITS).fetchone() == (1,), "it waits for the transaction")
        worker.execute("SET lock_timeout = '100ms'")
        for month in (1, 2):
            worker.execute("INSERT INTO texts VALUES (%s, 2)", (month,))
        wait_until(lambda: texts, "it says for whom")
        assert not migrating.done()
        dump.commit()
        assert migrating.result(PATIENCE_S) == ["0002_indexes.sql"]
    assert re.search(r"0002_indexes\.sql waits: texts(_1)? is in use by a dump", texts[0])
    assert valid(connection) == ALL


def test_what_a_killed_migrator_left_is_built_anew(connection: psycopg.Connection, tmp_path: Path) -> None:
    connection.execute("CREATE INDEX texts_by_a ON ONLY texts (a) WHERE a > 0")
    connection.execute("CREATE INDEX texts_by_a_2 ON texts_2 (a) WHERE a > 0")
    connection.execute("INSERT INTO people VALUES (1), (1)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute("CREATE UNIQUE INDEX CONCURRENTLY people_by_a ON people (a)")
    assert valid(connection) == {"texts_by_a_2"}

    migrate(connection, tmp_path)

    assert valid(connection) == ALL

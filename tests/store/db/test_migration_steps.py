import re
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.waiting import PATIENCE_S, wait_until
from worker.store.db.migration_steps import split
from worker.store.db.migrations import FOLDER, migrate, read

TABLES = "CREATE TABLE first (a integer); CREATE TABLE second (a integer);"
CHANGES = "ALTER TABLE first ADD COLUMN b integer; ALTER TABLE second ADD COLUMN b integer;"
#: Far more than anybody here needs; a statement that waits for a held table ends by it.
HELD_FOR_EVER = "-c statement_timeout=60000"

PIECES = st.sampled_from(
    [
        "-- a comment; with 'a quote\n",
        "/* two;\nlines */",
        "'a ''quoted''; text'",
        '"a; name"',
        "$$ BEGIN; END; $$",
        "$x$ $$;$$ ; $x$",
        r"E'it\'s; so'",
        "word ",
        "\n",
    ]
)


def bare(sql: str) -> str:
    return re.sub(r"\s", "", sql)


@given(st.lists(st.lists(PIECES, min_size=1), min_size=1, max_size=5))
def test_only_a_semicolon_of_its_own_ends_a_statement(statements: list[list[str]]) -> None:
    pieces = [f"SELECT {''.join(statement)}" for statement in statements]

    assert [bare(name) for name in split(";".join(pieces))] == [
        bare(piece) + ";" * (number < len(pieces)) for number, piece in enumerate(pieces, 1)
    ]


@pytest.mark.parametrize("sql", ["", ";", "-- nothing; here\n", "/* nor; here */ ;\n;"])
def test_comments_and_blanks_are_no_statement(sql: str) -> None:
    assert split(sql) == []


@pytest.mark.parametrize("migration", read(FOLDER), ids=lambda value: value.file)
def test_splitting_loses_nothing_of_the_migrations(migration: object) -> None:
    sql = getattr(migration, "sql").decode()  # noqa: B009 (a dataclass of the store)

    assert bare("".join(split(sql))) == bare(sql)


@contextmanager
def connected(url: str, name: str = "") -> Generator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True, application_name=name, options=HELD_FOR_EVER) as connection:
        yield connection


@contextmanager
def migrating_beside(url: str, folder: Path, held: str) -> Generator[tuple[Future[list[str]], list[str]]]:
    """A migrator that needs tables of which one is read by a transaction that stays open as long as the block."""
    (folder / "0001_a.sql").write_text(TABLES)
    with connected(url) as connection, ThreadPoolExecutor(1) as thread:
        migrate(connection, folder)
        (folder / "0002_b.sql").write_text(CHANGES)
        texts: list[str] = []
        with connected(url, "a dump") as dump, dump.transaction():
            dump.execute(f"LOCK TABLE {held} IN ACCESS SHARE MODE".encode())
            migrating = thread.submit(migrate, connection, folder, report=texts.append)
            wait_until(lambda: texts, "the migrator says what it waits for")
            yield migrating, texts
        assert migrating.result(PATIENCE_S) == ["0002_b.sql"]


def test_no_session_waits_behind_a_migrator_that_waits(empty_database_url: str, tmp_path: Path) -> None:
    with migrating_beside(empty_database_url, tmp_path, "first") as (migrating, texts):
        with connected(empty_database_url) as worker:
            for _ in range(3):
                worker.execute("INSERT INTO first VALUES (1)")
        assert not migrating.done()
    [text] = texts
    assert re.search(r"0002_b\.sql waits: first is in use by a dump \(process \d+", text)


def test_a_migration_holds_no_table_while_it_waits_for_another(empty_database_url: str, tmp_path: Path) -> None:
    with migrating_beside(empty_database_url, tmp_path, "second") as (migrating, _):
        with connected(empty_database_url) as worker:
            worker.execute("INSERT INTO first (a, b) VALUES (1, 1)")
        assert not migrating.done()

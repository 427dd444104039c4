from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import AdminShutdown
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from tests.support.waiting import PATIENCE_S
from worker.store.db.migration_steps import MigrationError
from worker.store.db.migrations import LOCK, Migration, applied, migrate, newer, pending, read, too_old, unapplied

FIRST = "CREATE TABLE first (a integer);"
SECOND = "CREATE TABLE second (a integer);"
HALF = "CREATE TABLE half (a integer);"
BROKEN = f"{HALF} SELECT 1 / 0;"
SLOW = "SELECT pg_sleep(60);"

EARLIEST, MIDDLE, LATEST = (Migration(f"000{number}_x.sql", f"SELECT {number}".encode()) for number in (1, 2, 3))


def seen(*migrations: Migration) -> dict[str, str]:
    return {migration.file: migration.checksum for migration in migrations}


def folder(path: Path, **files: str) -> Path:
    for name, sql in files.items():
        (path / f"{name.removeprefix('_')}.sql").write_text(sql)
    return path


def tables(connection: psycopg.Connection) -> set[str]:
    return {
        row[0]
        for row in connection.execute("SELECT relname FROM pg_class WHERE relname IN ('first', 'second', 'half')")
    }


@contextmanager
def connected(url: str) -> Generator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@retry(retry=retry_if_result(lambda value: value is None), stop=stop_after_delay(PATIENCE_S), wait=wait_fixed(0.02))
def holder_of_the_lock(connection: psycopg.Connection) -> int | None:
    """The process that holds the lock and sleeps in its file."""
    asked = """
    SELECT l.pid FROM pg_locks AS l INNER JOIN pg_stat_activity AS a ON l.pid = a.pid
    WHERE l.locktype = 'advisory' AND l.objid = %s AND l.granted AND a.wait_event = 'PgSleep'
    """
    row = connection.execute(asked, (LOCK,)).fetchone()
    return row[0] if row else None


@pytest.mark.parametrize(
    ("known", "expected"),
    [((), [EARLIEST, MIDDLE, LATEST]), ((EARLIEST,), [MIDDLE, LATEST]), ((EARLIEST, MIDDLE, LATEST), [])],
)
def test_unapplied_migrations_are_pending_in_order(known: tuple[Migration, ...], expected: list[Migration]) -> None:
    assert pending([EARLIEST, MIDDLE, LATEST], seen(*known)) == expected


def test_a_changed_file_is_refused() -> None:
    with pytest.raises(MigrationError, match=r"0001_x\.sql was changed after it was applied"):
        pending([Migration(EARLIEST.file, b"SELECT 9"), MIDDLE], seen(EARLIEST))


def test_a_missing_file_is_refused() -> None:
    with pytest.raises(MigrationError, match=r"0001_x\.sql was applied here but is missing"):
        pending([MIDDLE], seen(EARLIEST))


def test_a_file_that_sorts_before_an_applied_file_is_refused() -> None:
    with pytest.raises(MigrationError, match=r"0002_x\.sql sorts before 0003_x\.sql"):
        pending([EARLIEST, MIDDLE, LATEST], seen(EARLIEST, LATEST))


def test_only_numbered_files_are_read_in_order(tmp_path: Path) -> None:
    folder(tmp_path, _0002_b=SECOND, _0001_a=FIRST, schema="not ours")

    assert [migration.file for migration in read(tmp_path)] == ["0001_a.sql", "0002_b.sql"]


def test_our_own_files_are_applied_once(empty_database_url: str) -> None:
    with connected(empty_database_url) as connection:
        waiting = unapplied(connection)

        assert migrate(connection) == waiting
        assert migrate(connection) == unapplied(connection) == []
        assert applied(connection).keys() == set(waiting)


def test_looking_changes_nothing(empty_database_url: str) -> None:
    with connected(empty_database_url) as connection:
        assert unapplied(connection)

        assert connection.execute("SELECT to_regclass('schema_migrations')").fetchone() == (None,)


def test_a_failing_file_is_not_remembered_and_all_before_it_is(empty_database_url: str, tmp_path: Path) -> None:
    files = folder(tmp_path, _0001_a=FIRST, _0002_b=BROKEN, _0003_c=SECOND)

    with connected(empty_database_url) as connection:
        with pytest.raises(MigrationError, match=r"0002_b\.sql, statement 2 of 2: .*division by zero \(22012\)"):
            migrate(connection, files)

        assert tables(connection) == {"first", "half"}
        assert list(applied(connection)) == ["0001_a.sql"]


def test_a_corrected_file_goes_on_where_it_failed(empty_database_url: str, tmp_path: Path) -> None:
    with connected(empty_database_url) as connection:
        with pytest.raises(MigrationError):
            migrate(connection, folder(tmp_path, _0001_a=FIRST, _0002_b=BROKEN))

        assert migrate(connection, folder(tmp_path, _0002_b=HALF + SECOND)) == ["0002_b.sql"]
        assert tables(connection) == {"first", "half", "second"}


def test_a_file_whose_done_part_was_changed_is_refused(empty_database_url: str, tmp_path: Path) -> None:
    with connected(empty_database_url) as connection:
        with pytest.raises(MigrationError):
            migrate(connection, folder(tmp_path, _0001_a=BROKEN))

        with pytest.raises(MigrationError, match=r"0001_a\.sql was changed after its first 1 statements were run"):
            migrate(connection, folder(tmp_path, _0001_a=FIRST))
        assert tables(connection) == {"half"}


def test_a_file_changed_on_disk_stops_everything(empty_database_url: str, tmp_path: Path) -> None:
    with connected(empty_database_url) as connection:
        migrate(connection, folder(tmp_path, _0001_a=FIRST))
        folder(tmp_path, _0001_a=f"{FIRST} ", _0002_b=SECOND)

        with pytest.raises(MigrationError):
            migrate(connection, tmp_path)
        with pytest.raises(MigrationError):
            unapplied(connection, tmp_path)
        assert tables(connection) == {"first"}


def test_four_migrators_at_once_apply_each_file_once(empty_database_url: str) -> None:
    def work(_: int) -> list[str]:
        with connected(empty_database_url) as connection:
            return migrate(connection)

    with ThreadPoolExecutor(4) as migrators:
        done = list(migrators.map(work, range(4)))

    assert sorted(done, reverse=True) == [[migration.file for migration in read(Path("sql"))], [], [], []]


def test_a_migrator_that_failed_lets_the_next_one_work(empty_database_url: str, tmp_path: Path) -> None:
    with connected(empty_database_url) as failing, connected(empty_database_url) as connection:
        with pytest.raises(MigrationError):
            migrate(failing, folder(tmp_path, _0001_a=BROKEN))

        assert migrate(connection, folder(tmp_path, _0001_a=HALF)) == ["0001_a.sql"]


def test_a_killed_migrator_frees_the_lock_and_the_next_one_goes_on(empty_database_url: str, tmp_path: Path) -> None:
    folder(tmp_path, _0001_a=FIRST + SLOW + SECOND)
    with (
        connected(empty_database_url) as killed,
        connected(empty_database_url) as connection,
        ThreadPoolExecutor(1) as thread,
    ):
        migrating = thread.submit(migrate, killed, tmp_path)
        connection.execute("SELECT pg_terminate_backend(%s)", (holder_of_the_lock(connection),))

        assert isinstance(migrating.exception(timeout=PATIENCE_S), AdminShutdown)
        assert (tables(connection), applied(connection)) == ({"first"}, {})
        assert migrate(connection, folder(tmp_path, _0001_a=FIRST + SECOND)) == ["0001_a.sql"]
        assert tables(connection) == {"first", "second"}


def test_a_newer_schema_is_left_alone_where_it_requires_nothing_new(empty_database_url: str, tmp_path: Path) -> None:
    with connected(empty_database_url) as connection:
        migrate(connection, folder(tmp_path, _0001_a=FIRST, _0002_b=SECOND))
        (tmp_path / "0002_b.sql").unlink()

        assert (migrate(connection, tmp_path), newer(connection, tmp_path)) == ([], ["0002_b.sql"])
        assert too_old(connection, tmp_path) is None


def test_a_schema_that_requires_a_newer_program_refuses_an_older(empty_database_url: str, tmp_path: Path) -> None:
    with connected(empty_database_url) as connection:
        require = "INSERT INTO schema_requires (file) VALUES ('0002_b.sql')"
        migrate(connection, folder(tmp_path, _0001_a=FIRST, _0002_b=require))
        assert too_old(connection, tmp_path) is None

        (tmp_path / "0002_b.sql").unlink()

        assert "needs one that knows 0002_b.sql" in str(too_old(connection, tmp_path))
        with pytest.raises(MigrationError, match=r"needs one that knows 0002_b\.sql"):
            migrate(connection, tmp_path)

"""Applies sql/: forward only, one checksum per file, one migrator at a time.

A newer program may leave files that this one does not know. The two run beside each other unless one of those files
has named, in `schema_requires`, a file that every program on this schema must know.
"""

from collections.abc import Container
from dataclasses import dataclass
from operator import not_
from pathlib import Path

import psycopg
from tenacity import retry, retry_if_result, wait_fixed

from worker.store.db import migration_steps
from worker.store.db.migration_steps import MigrationError, Report, checksum

FOLDER = Path(__file__).parents[3] / "sql"
#: One file of each line of development that the baseline has replaced; nobody upgrades from them.
BEFORE_THE_BASELINE = ("0001_create_accounts.sql", "0002_audit.sql")
# Any number will do; it must only be the same for all who migrate.
LOCK = 7_032_026
TURN_S = 0.1

CREATE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    file text PRIMARY KEY,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""
CREATE_REQUIRES = "CREATE TABLE IF NOT EXISTS schema_requires (file text PRIMARY KEY)"
APPLIED = "SELECT file, checksum FROM schema_migrations ORDER BY file"
EXISTS = "SELECT to_regclass('schema_migrations') IS NOT NULL"
EXISTS_REQUIRES = "SELECT to_regclass('schema_requires') IS NOT NULL"
REQUIRED = "SELECT max(file) FROM schema_requires"


@dataclass(frozen=True, slots=True)
class Migration:
    file: str
    sql: bytes

    @property
    def checksum(self) -> str:
        return checksum(self.sql)


def migrate(
    connection: psycopg.Connection, folder: Path | None = None, *, report: Report = lambda _: None
) -> list[str]:
    """Apply what is missing and return the names of the files applied; `report` gets who keeps it waiting.

    Several processes may call it at once: an advisory lock lets one work and frees itself if that one dies.

    Raises:
        MigrationError: the database is older than the baseline, an applied file was changed or is missing, a new one
            sorts before an applied one, this program is too old for the schema, PostgreSQL refused a statement, or a
            lock was not to be had.
    """
    connection.autocommit = True
    take_turn(connection)
    try:
        if obstacle := before_the_baseline(remembered(connection)):
            raise MigrationError(obstacle)
        for statement in (CREATE, CREATE_REQUIRES, migration_steps.CREATE):
            connection.execute(statement)
        files = read(folder or FOLDER)
        if obstacle := outdated(files, required(connection)):
            raise MigrationError(obstacle)
        waiting = pending(files, applied(connection))
        for migration in waiting:
            migration_steps.run(connection, migration.file, migration.sql, report=report)
        return [migration.file for migration in waiting]
    finally:
        if not connection.broken:
            connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))


@retry(retry=retry_if_result(not_), wait=wait_fixed(TURN_S))
def take_turn(connection: psycopg.Connection) -> bool:
    """Wait until no other migrator works.

    Asked again and again: a statement that waits for the lock keeps its snapshot, for whose end an index that is built
    concurrently waits.
    """
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
    return bool(row and row[0])


def unapplied(connection: psycopg.Connection, folder: Path | None = None) -> list[str]:
    """Name the files that this database has not seen yet; nothing is changed.

    Raises:
        MigrationError: the files and the database disagree about the past.
    """
    return [migration.file for migration in pending(read(folder or FOLDER), remembered(connection))]


def newer(connection: psycopg.Connection, folder: Path | None = None) -> list[str]:
    """Name the applied files of a newer program that this one does not know."""
    known = {migration.file for migration in read(folder or FOLDER)}
    return [file for file in remembered(connection) if file not in known and file > max(known, default="")]


def too_old(connection: psycopg.Connection, folder: Path | None = None) -> str | None:
    """Why this program must not run on this schema, though it may lack nothing."""
    return outdated(read(folder or FOLDER), required(connection))


def outdated(migrations: list[Migration], file: str | None) -> str | None:
    if file is None or file in {migration.file for migration in migrations}:
        return None
    return f"The schema is newer than this program and needs one that knows {file}: start the newer program."


def before_the_baseline(seen: Container[str]) -> str | None:
    file = next((file for file in BEFORE_THE_BASELINE if file in seen), None)
    if file is None:
        return None
    return (
        "This database was made before the first release, by migrations that sql/0001_baseline.sql has replaced "
        f"(it has seen {file}). Make an empty database and name it in SMS_DATABASE_URL, then run "
        "perfectum-sms migrate again. Nothing was changed here."
    )


def required(connection: psycopg.Connection) -> str | None:
    exists = connection.execute(EXISTS_REQUIRES).fetchone()
    row = connection.execute(REQUIRED).fetchone() if exists and exists[0] else None
    return row[0] if row else None


def lacking(connection: psycopg.Connection, folder: Path | None = None) -> list[str]:
    """Name the files that this code needs and this database has not seen.

    Those of a newer release do not matter: the old replicas work on while it is rolled out.
    """
    seen = remembered(connection)
    return [migration.file for migration in read(folder or FOLDER) if migration.file not in seen]


def latest(connection: psycopg.Connection) -> str | None:
    """Name the newest file that this database has seen."""
    return max(remembered(connection), default=None)


def read(folder: Path) -> list[Migration]:
    return [Migration(path.name, path.read_bytes()) for path in sorted(folder.glob("[0-9]*.sql"))]


def remembered(connection: psycopg.Connection) -> dict[str, str]:
    """As `applied`, of a database that was perhaps never migrated."""
    row = connection.execute(EXISTS).fetchone()
    return applied(connection) if row and row[0] else {}


def applied(connection: psycopg.Connection) -> dict[str, str]:
    return dict(connection.execute(APPLIED).fetchall())


def pending(migrations: list[Migration], seen: dict[str, str]) -> list[Migration]:
    """Select what is still to be applied, or raise why it must not be; a newer program's files are left alone."""
    if obstacle := before_the_baseline(seen):
        raise MigrationError(obstacle)
    known = {migration.file: migration for migration in migrations}
    newest_known = max(known, default="")
    for file, remembered_checksum in seen.items():
        if file not in known and file > newest_known:
            continue
        if file not in known:
            raise MigrationError(f"{file} was applied here but is missing from sql/: restore the file.")
        if known[file].checksum != remembered_checksum:
            raise MigrationError(f"{file} was changed after it was applied: restore it and add a new file.")
    waiting = [migration for migration in migrations if migration.file not in seen]
    newest = max(seen, default="")
    for migration in waiting:
        if migration.file < newest:
            raise MigrationError(f"{migration.file} sorts before {newest}, already applied: renumber it.")
    return waiting

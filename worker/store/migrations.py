"""Applies sql/: forward only, one transaction and one checksum per file, one migrator at a time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import psycopg

FOLDER = Path(__file__).parents[2] / "sql"
# Any number will do; it must only be the same for all who migrate.
LOCK = 7_032_026

CREATE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    file text PRIMARY KEY,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""
APPLIED = "SELECT file, checksum FROM schema_migrations ORDER BY file"
REMEMBER = "INSERT INTO schema_migrations (file, checksum) VALUES (%(file)s, %(checksum)s)"
EXISTS = "SELECT to_regclass('schema_migrations') IS NOT NULL"


class MigrationError(Exception):
    """The files and the database disagree about the past; the message says where and what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of sql/."""

    file: str
    sql: bytes

    @property
    def checksum(self) -> str:
        """SHA-256 of the file's bytes, in hex."""
        return hashlib.sha256(self.sql).hexdigest()


def migrate(connection: psycopg.Connection, folder: Path | None = None) -> list[str]:
    """Apply what is missing and return the names of the files applied.

    Several processes may call it at once: an advisory lock lets one work and frees itself if that one dies.

    Raises:
        MigrationError: an applied file was changed or is missing, or a new one sorts before an applied one.
        psycopg.Error: PostgreSQL refused a file; that file left nothing behind.
    """
    connection.autocommit = True
    connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
    try:
        connection.execute(CREATE)
        waiting = pending(read(folder or FOLDER), applied(connection))
        for migration in waiting:
            with connection.transaction():
                connection.execute(migration.sql)
                connection.execute(REMEMBER, {"file": migration.file, "checksum": migration.checksum})
        return [migration.file for migration in waiting]
    finally:
        if not connection.broken:
            connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))


def unapplied(connection: psycopg.Connection, folder: Path | None = None) -> list[str]:
    """The names of the files that this database has not seen yet; nothing is changed.

    Raises:
        MigrationError: the files and the database disagree about the past.
    """
    return [migration.file for migration in pending(read(folder or FOLDER), remembered(connection))]


def lacking(connection: psycopg.Connection, folder: Path | None = None) -> list[str]:
    """The names of the files that this code needs and this database has not seen.

    What a newer release applied is none of our business: the old replicas work on while it is rolled out.
    """
    seen = remembered(connection)
    return [migration.file for migration in read(folder or FOLDER) if migration.file not in seen]


def read(folder: Path) -> list[Migration]:
    """The numbered files of a folder, in order."""
    return [Migration(path.name, path.read_bytes()) for path in sorted(folder.glob("[0-9]*.sql"))]


def remembered(connection: psycopg.Connection) -> dict[str, str]:
    """The same as `applied`, of a database that was perhaps never migrated."""
    row = connection.execute(EXISTS).fetchone()
    return applied(connection) if row and row[0] else {}


def applied(connection: psycopg.Connection) -> dict[str, str]:
    """Checksum by file, as the database remembers."""
    return dict(connection.execute(APPLIED).fetchall())


def pending(migrations: list[Migration], seen: dict[str, str]) -> list[Migration]:
    """Pure: which migrations are still to be applied, or why they must not be."""
    known = {migration.file: migration for migration in migrations}
    for file, checksum in seen.items():
        if file not in known:
            raise MigrationError(f"{file} was applied here but is missing from sql/: restore the file.")
        if known[file].checksum != checksum:
            raise MigrationError(f"{file} was changed after it was applied: restore it and add a new file.")
    waiting = [migration for migration in migrations if migration.file not in seen]
    newest = max(seen, default="")
    for migration in waiting:
        if migration.file < newest:
            raise MigrationError(f"{migration.file} sorts before {newest}, already applied: renumber it.")
    return waiting

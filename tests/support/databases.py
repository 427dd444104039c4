"""Databases that tests reuse: to empty a database costs far less than to copy the 400 files of our schema."""

import secrets
from collections.abc import Generator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection, sql
from psycopg.sql import SQL, Composed, Identifier

from worker.store.db.postgres import Pool, open_pool
from worker.store.db.temporary_database import scratch_database

#: Of every kind of thing that a test may have changed in the schema, how many there are and which is the newest.
#: PostgreSQL's own, which are most, have the lower oids.
SHAPE = " UNION ALL ".join(
    f"SELECT '{catalogue}', count(*), max(xmin::text::bigint) FROM {catalogue} WHERE {oid} >= 16384"  # noqa: S608 (our own names)
    for catalogue, oid in {
        "pg_class": "oid",
        "pg_attribute": "attrelid",
        "pg_constraint": "oid",
        "pg_proc": "oid",
        "pg_trigger": "oid",
        "pg_index": "indexrelid",
        "pg_inherits": "inhrelid",
        "pg_namespace": "oid",
    }.items()
)
SETTINGS = """
SELECT 'settings', count(*), NULL FROM pg_db_role_setting
WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
#: End all sessions but idle ones of the pool: a new session costs more than most tests.
ALONE = """
SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
WHERE
    datname = %s AND pid <> pg_backend_pid() AND (
        application_name <> 'test' OR state <> 'idle'
        OR pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')
    )
"""
#: Tables are emptied by DELETE, for TRUNCATE makes new files for it and for all that refers to it; but not
#: where they are many, or where statistics of them would make the plans of the next test.
FILLED = """
SELECT c.relname, pg_relation_size(c.oid) > 131072 OR c.reltuples >= 0 FROM pg_class AS c
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND pg_relation_size(c.oid) > 0
ORDER BY 1
"""
SEQUENCES = "SELECT sequencename, start_value, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"


@dataclass
class Reused:
    """A database, how it was when it was new, and the sessions that one test leaves to the next."""

    url: str
    connection: Connection
    seeds: dict[str, str]
    sequences: list[tuple[Any, ...]]
    shape: list[tuple[Any, ...]]
    _pool: Pool | None = None

    def pool(self) -> Pool:
        """The pool of this database, opened anew where a test has closed it."""
        if self._pool is None or self._pool.closed:
            self._pool = open_pool(self.url, size=8, name="test")
            self._pool.wait()  # or whoever asks sooner has a second session made
        return self._pool

    def close(self) -> None:
        """End the sessions."""
        if self._pool is not None:
            self._pool.close()


class Databases:
    """Migrated databases, each for one test at a time; a database whose schema a test changed is not reused."""

    def __init__(self, server: str, template: str) -> None:
        self._server, self._template = server, template
        self._spare: list[Reused] = []
        self._made = ExitStack()

    @contextmanager
    def lent(self) -> Generator[Reused]:
        """A database that is as new."""
        with ExitStack() as stack:
            if self._spare:
                reused = self._spare.pop()
            else:
                url = stack.enter_context(scratch_database(self._server, prefix="sms_test", template=self._template))
                reused = _new(url, stack.enter_context(psycopg.connect(url, autocommit=True, application_name="test")))
                stack.callback(reused.close)
            yield reused
            with suppress(psycopg.Error):
                if _emptied(reused):
                    self._spare.append(reused)
                    self._made.push(stack.pop_all())

    def close(self) -> None:
        """Drop them all."""
        self._made.close()


def _new(url: str, connection: Connection) -> Reused:
    seeds = {name: _rows(connection, name) for name, _ in connection.execute(FILLED).fetchall()}
    connection.execute("SET session_replication_role = replica")
    return Reused(url, connection, seeds, connection.execute(SEQUENCES).fetchall(), _shape(connection))


def _emptied(reused: Reused) -> bool:
    """Make it as it was, if only its rows have changed; False if more has."""
    connection = reused.connection
    connection.execute(ALONE, (connection.info.dbname,))
    if _shape(connection) != reused.shape:
        return False
    filled = [
        (name, much)
        for name, much in connection.execute(FILLED).fetchall()
        if name not in reused.seeds or _rows(connection, name) != reused.seeds[name]
    ]
    if much := [Identifier(name) for name, much in filled if much]:
        connection.execute(SQL("TRUNCATE {} CASCADE").format(SQL(", ").join(much)))
    if few := [Identifier(name) for name, much in filled if not much]:
        connection.execute(SQL("; ").join(SQL("DELETE FROM {}").format(name) for name in few))
    for name, rows in reused.seeds.items():
        connection.execute(_restored(name), (rows,))
    for name, start, last in reused.sequences:
        connection.execute("SELECT setval(%s::regclass, %s, %s)", (name, last or start, last is not None))
    if much:
        reused.shape = _shape(connection)
    return True


def _shape(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute(f"{SHAPE} UNION ALL {SETTINGS}".encode()).fetchall()


def _rows(connection: Connection, table: str) -> str:
    asked = SQL("SELECT coalesce(jsonb_agg(t ORDER BY t::text), '[]')::text FROM {} AS t").format(Identifier(table))
    [(rows,)] = connection.execute(asked).fetchall()
    return rows


def _restored(table: str) -> Composed:
    """What a seeded table lacks of its rows: CASCADE may have emptied it."""
    return SQL(
        "INSERT INTO {0} OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_recordset(NULL::{0}, %s)"
        " WHERE NOT EXISTS (SELECT FROM {0})"
    ).format(Identifier(table))


@contextmanager
def encoded_database(server: str, encoding: str) -> Generator[str]:
    """A database of this encoding, dropped afterwards."""
    name = f"sms_test_{encoding.lower()}_{secrets.token_hex(6)}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE 'C' LC_CTYPE 'C'")
    with closing(psycopg.connect(server, autocommit=True)) as connection:
        connection.execute(create.format(sql.Identifier(name), sql.Literal(encoding)))
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

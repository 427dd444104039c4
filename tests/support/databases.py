"""Databases that tests reuse: to empty a database costs far less than to copy the 400 files of our schema."""

import secrets
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import Connection, sql
from psycopg.sql import SQL, Composed, Identifier, Literal

from worker.store.db import roles
from worker.store.db.postgres import Pool, open_pool
from worker.store.db.temporary_database import scratch_database

#: How many rows a table has, and which transaction wrote the newest: equal of both means that no row has changed.
MARK = "SELECT '{0}', count(*), age('3'::xid) - min(age(xmin)) FROM {0}"
#: So for every kind of thing that a test may have changed in the schema. PostgreSQL's own have the lower oids.
SHAPE = " UNION ALL ".join(
    f"{MARK.format(catalogue)} WHERE {oid} >= 16384"
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
ROWS = "SELECT coalesce(jsonb_agg(t), '[]')::text FROM {} AS t"
SEQUENCES = """
SELECT sequencename, coalesce(last_value, start_value), last_value IS NOT NULL
FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1
"""
Rows = list[tuple[Any, ...]]


@dataclass
class Reused:
    """A database, how it was when it was new, and the sessions that one test leaves to the next."""

    url: str
    connection: Connection
    seeds: dict[str, str] = field(default_factory=dict[str, str])
    marks: Rows = field(default_factory=Rows)
    shape: Rows = field(default_factory=Rows)
    sequences: Rows = field(default_factory=Rows)
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
    """Migrated databases, each for one test at a time; a database whose schema a test changed is not reused.

    Some have what `prepare` writes, which a test that only reads it need not write again.
    """

    def __init__(self, server: str, template: str, *, prepare: Callable[[Pool], None]) -> None:
        self._server, self._template, self._prepare = server, template, prepare
        self._spare: dict[bool, list[Reused]] = {True: [], False: []}
        self._made = ExitStack()

    @contextmanager
    def lent(self, *, prepared: bool) -> Generator[Reused]:
        """A database that is as new."""
        spare = self._spare[prepared]
        with ExitStack() as stack:
            reused = spare.pop() if spare else self._new(stack, prepared=prepared)
            yield reused
            with suppress(psycopg.Error):
                if _emptied(reused):
                    spare.append(reused)
                    self._made.push(stack.pop_all())

    def close(self) -> None:
        """Drop them all."""
        self._made.close()

    def _new(self, stack: ExitStack, *, prepared: bool) -> Reused:
        url = stack.enter_context(scratch_database(self._server, prefix="sms_test", template=self._template))
        connection = psycopg.connect(url, autocommit=True, application_name="test")
        reused = Reused(url, stack.enter_context(connection))
        stack.callback(reused.close)
        if prepared:
            self._prepare(reused.pool())
        reused.seeds = {name: _rows(connection, name) for name, _ in _query(connection, FILLED)}
        reused.sequences = _query(connection, SEQUENCES)
        reused.marks, reused.shape = _marks(reused), _shape(connection)
        connection.execute("SET session_replication_role = replica")
        return reused


def _emptied(reused: Reused) -> bool:
    """Make it as it was, if only its rows have changed; False if more has."""
    connection = reused.connection
    connection.execute(ALONE, (connection.info.dbname,))
    if _shape(connection) != reused.shape:
        return False
    kept = {now[0] for now, before in zip(_marks(reused), reused.marks, strict=True) if now == before}
    filled = [(name, much) for name, much in _query(connection, FILLED) if much or name not in kept]
    much = [Identifier(name) for name, much in filled if much]
    statements = [SQL("DELETE FROM {}").format(Identifier(name)) for name, much in filled if not much]
    if much:
        statements.append(SQL("TRUNCATE {} CASCADE").format(SQL(", ").join(much)))
    restored = [name for name in reused.seeds if much or name not in kept]
    statements += [_restored(name, reused.seeds[name]) for name in restored]
    statements += [SQL("SELECT setval({}::regclass, {}, {})").format(*map(Literal, row)) for row in reused.sequences]
    connection.execute(SQL("; ").join(statements))
    if restored:
        reused.marks = _marks(reused)
    if much:
        reused.shape = _shape(connection)
    return True


def _query(connection: Connection, text: str) -> Rows:
    return connection.execute(text.encode()).fetchall()


def _shape(connection: Connection) -> Rows:
    return _query(connection, f"{SHAPE} UNION ALL {SETTINGS}")


def _marks(reused: Reused) -> Rows:
    return _query(reused.connection, " UNION ALL ".join(MARK.format(name) for name in reused.seeds))


def _rows(connection: Connection, table: str) -> str:
    [(rows,)] = _query(connection, ROWS.format(table))
    return rows


def _restored(table: str, rows: str) -> Composed:
    """What a seeded table lacks of its rows: CASCADE may have emptied it."""
    return SQL(
        "INSERT INTO {0} OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_recordset(NULL::{0}, {1})"
        " WHERE NOT EXISTS (SELECT FROM {0})"
    ).format(Identifier(table), Literal(rows))


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


@dataclass(frozen=True, slots=True)
class Urls:
    """Where workers, the console and its door connect, as `migrate --grants` makes roles of their own for them."""

    worker: str
    web: str
    door: str


@contextmanager
def own_roles(database_url: str) -> Generator[Urls]:
    parts = urlsplit(database_url)
    names = [f"{parts.path[1:]}_{role}" for role in ("worker", "web", "door")]
    address = parts.netloc.rpartition("@")[2]
    with psycopg.connect(database_url, autocommit=True) as connection:
        database = roles.database(connection)
        assert database is not None
        connection.execute(roles.grants(database, worker=names[0], web=names[1], door=names[2]).encode())
        for name in names:
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD 'hunter2'").format(sql.Identifier(name)))
        try:
            yield Urls(*(parts._replace(netloc=f"{name}:hunter2@{address}").geturl() for name in names))
        finally:
            for name in names:
                connection.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
                connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))

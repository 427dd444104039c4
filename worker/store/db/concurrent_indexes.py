"""Builds `CREATE INDEX CONCURRENTLY` beside the work, of partitioned tables too, where PostgreSQL knows no such thing.

There the index is made of the table alone, then of each partition, and attached: a partition that comes meanwhile gets
its own. Whatever was killed goes on: a half-built index is dropped and built anew.
"""

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from worker.store.db.postgres import Connection

STATEMENT = re.compile(r"CREATE (UNIQUE )?INDEX CONCURRENTLY (\w+) ON (\w+) (.+?);?", re.DOTALL)
#: It waits for transactions that are older, and holds up nobody meanwhile. Then who it was is named.
PATIENCE = "SET lock_timeout = '10s'"
AS_BEFORE = "RESET lock_timeout"
BRIEFLY = "SET LOCAL lock_timeout = '1200ms'"

PARTITIONS = """
SELECT t.relid::text FROM pg_partition_tree(%(table)s::regclass) AS t
WHERE t.isleaf AND t.relid <> %(table)s::regclass AND NOT EXISTS (
    SELECT FROM pg_index AS x INNER JOIN pg_inherits AS i ON x.indexrelid = i.inhrelid
    WHERE x.indrelid = t.relid AND i.inhparent = to_regclass(%(index)s)
)
ORDER BY 1
"""
IS_PARTITIONED = "SELECT relkind = 'p' FROM pg_class WHERE oid = %(table)s::regclass"
IS_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%(index)s)"


@dataclass(frozen=True, slots=True)
class Index:
    """What such a statement asks for; `rest` is its columns and what follows them."""

    unique: str
    name: str
    table: str
    rest: str

    def create(self, *, concurrently: str = "", name: str, only: str = "", table: str) -> bytes:
        return f"CREATE {self.unique}INDEX {concurrently} {name} ON {only} {table} {self.rest}".encode()


def index_of(statement: str) -> Index | None:
    """The index that a statement without comments builds concurrently."""
    match = STATEMENT.fullmatch(statement)
    return Index(match[1] or "", *match.group(2, 3, 4)) if match else None


def build(connection: Connection, index: Index) -> None:
    """Build what is left of it; the connection commits by itself."""
    row = connection.execute(IS_PARTITIONED, {"table": index.table}).fetchone()
    if not (row and row[0]):
        build_alone(connection, index, index.name, index.table)
        return
    if connection.execute(IS_VALID, {"index": index.name}).fetchone() is None:
        with connection.transaction():
            connection.execute(BRIEFLY)
            connection.execute(index.create(name=index.name, only="ONLY", table=index.table))
    for (partition,) in connection.execute(PARTITIONS, {"table": index.table, "index": index.name}).fetchall():
        name = index.name + partition.removeprefix(index.table)
        build_alone(connection, index, name, partition)
        with connection.transaction():
            connection.execute(BRIEFLY)
            connection.execute(f"ALTER INDEX {index.name} ATTACH PARTITION {name}".encode())


def build_alone(connection: Connection, index: Index, name: str, table: str) -> None:
    """One index of one table, unless it is there; outside of any transaction, as PostgreSQL insists."""
    with patience(connection):
        row = connection.execute(IS_VALID, {"index": name}).fetchone()
        if row and not row[0]:
            connection.execute(f"DROP INDEX CONCURRENTLY {name}".encode())
        if not (row and row[0]):
            connection.execute(index.create(concurrently="CONCURRENTLY", name=name, table=table))


@contextmanager
def patience(connection: Connection) -> Generator[None]:
    connection.execute(PATIENCE)
    try:
        yield
    finally:
        if not connection.broken:
            connection.execute(AS_BEFORE)

"""The rows that ours left behind, table by table: what the hand-written loop writes anew in an empty database."""

import signal
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
from psycopg import sql

from tests.bench.processes import STOP_S
from tests.bench.stage import Stage
from worker.store.db.postgres import Pool

#: Rows of each table by what became of them; partitions count as their table.
TALLY = """
SELECT
    coalesce(pg_partition_root(relid), relid)::regclass::text, sum(n_tup_ins), sum(n_tup_upd), sum(n_tup_hot_upd)
FROM pg_stat_user_tables GROUP BY 1
"""
COLUMNS = """
SELECT
    a.attname::text, coalesce(a.attnum = ANY(i.indkey), FALSE)
FROM pg_attribute AS a
LEFT JOIN pg_index AS i ON i.indrelid = a.attrelid AND i.indisprimary
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
ORDER BY a.attnum
"""
#: A table with fewer rows an event counts only where it is a few rows that every batch changes.
OFTEN, FEW, EVERY_BATCH = 0.2, 64, 0.0025
Tally = Mapping[str, tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a table, as JSON.

    Attributes:
        keys: columns of its primary key.
        inserted: rows an event.
        updated: updates an event.
        hot: those of them that left every index alone.
    """

    name: str
    columns: list[str]
    keys: list[str]
    inserted: float
    updated: float
    hot: float
    rows: list[dict[str, Any]]

    @property
    def is_per_event(self) -> bool:
        return self.inserted >= OFTEN

    @property
    def is_shared(self) -> bool:
        """Whether it is a few rows that many events change."""
        return not self.is_per_event and self.updated >= EVERY_BATCH and 0 < len(self.rows) <= FEW


def tally_of(pool: Pool) -> Tally:
    """Rows inserted, updated, and updated without a new index entry, by table so far."""
    with pool.connection() as connection:
        return {
            name: (int(inserted), int(updated), int(hot))
            for name, inserted, updated, hot in connection.execute(TALLY).fetchall()
        }


def rows_of(stage: Stage, before: Tally, events: int) -> list[Table]:
    """What a system that has sent all leaves of so many events; it is ended, for only then are its counts whole."""
    for process in stage.ours:
        process.signal(signal.SIGTERM)
    for process in stage.ours:
        process.popen.wait(STOP_S)
    tables: list[Table] = []
    for name, counts in tally_of(stage.pool).items():
        earlier = before.get(name, (0, 0, 0))
        shares = [(count - first) / stage.published for count, first in zip(counts, earlier, strict=True)]
        if any(shares):
            tables.append(table_of(stage.pool, name, shares, events))
    return tables


def table_of(pool: Pool, name: str, shares: list[float], events: int) -> Table:
    """One table with the rows of so many events."""
    inserted, updated, hot = shares
    most = round(inserted * events) if inserted >= OFTEN else FEW + 1
    with pool.connection() as connection:
        columns = connection.execute(COLUMNS, (name,)).fetchall()
        statement = sql.SQL("SELECT to_jsonb(t) FROM {} AS t LIMIT {}").format(sql.Identifier(name), most)
        rows = [row[0] for row in connection.execute(statement)]
    keys = [column for column, is_key in columns if is_key]
    return Table(name, [column for column, _ in columns], keys, inserted, updated, hot, rows)


def keep(tables: list[Table], file: Path) -> None:
    file.write_bytes(orjson.dumps([asdict(table) for table in tables if table.is_per_event or table.is_shared]))


def kept(file: Path) -> list[Table]:
    return [Table(**fields) for fields in orjson.loads(file.read_bytes())]


def per_event(tables: list[Table]) -> Mapping[str, object]:
    """Rows and updates an event, by table."""
    busy = sorted((table for table in tables if table.is_per_event), key=lambda table: table.name)
    updated = sum(table.updated for table in tables)
    return {
        "inserted_per_event": round(sum(table.inserted for table in tables), 2),
        "updated_per_event": round(updated, 2),
        "hot_share_of_updates": round(sum(table.hot for table in tables) / updated, 2) if updated else 0.0,
        "by_table": {table.name: [round(table.inserted, 2), round(table.updated, 2)] for table in busy},
    }

"""How many rows of a table a statement read, which every version of PostgreSQL counts alike."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
import pytest

from worker.store.db.postgres import Connection

REMOVED = ("Rows Removed by Filter", "Rows Removed by Index Recheck", "Rows Removed by Join Filter")


#: The planner as commands leave it; pools set it for lookups.
FREE = """
SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on;
SET LOCAL plan_cache_mode = auto
"""
PLANNERS = pytest.mark.parametrize("planner", ["SELECT", FREE], ids=["pool", "command"])


def looked_at(connection: Connection, statement: str, values: Mapping[str, object], tables: str) -> float:
    """Run a statement; the answer is how many rows it read of tables whose names begin like this."""
    with psycopg.ClientCursor(connection) as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}".encode(), values)
        [([plan],)] = cursor.fetchall()
    return sum(_read(plan["Plan"], tables))


def _read(node: dict[str, Any], tables: str) -> Iterator[float]:
    if re.match(tables, str(node.get("Relation Name"))):
        yield (node["Actual Rows"] + sum(node.get(removed, 0) for removed in REMOVED)) * node["Actual Loops"]
    for part in node.get("Plans", []):
        yield from _read(part, tables)

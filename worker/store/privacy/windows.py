"""Large tables, looked through window after window of their keys: no statement takes long, and none keeps a lock."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg.rows import TupleRow

from worker.store.db.postgres import Connection

#: Rows that one statement looks at.
WINDOW = 5_000


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its primary key, in order, and the types of its columns."""

    name: LiteralString
    key: tuple[LiteralString, ...]
    types: tuple[LiteralString, ...]

    @property
    def columns(self) -> LiteralString:
        return ", ".join(self.key)

    def values(self, prefix: LiteralString) -> LiteralString:
        """`%(after_0)s::date, %(after_1)s::bigint`."""
        texts: list[LiteralString] = []
        for name, type_ in zip(NAMES, self.types, strict=False):
            texts.append("%(" + prefix + name + ")s::" + type_)
        return ", ".join(texts)


NAMES: tuple[LiteralString, ...] = ("_0", "_1", "_2", "_3")


def bound(table: Table) -> LiteralString:
    return f"""
SELECT {table.columns} FROM {table.name}
WHERE %(is_first)s OR ({table.columns}) > ({table.values("after")})
ORDER BY {table.columns}
OFFSET %(window)s LIMIT 1
"""


def among(table: Table, columns: LiteralString, condition: LiteralString) -> LiteralString:
    return f"""
SELECT {columns} FROM {table.name}
WHERE
    (%(is_first)s OR ({table.columns}) > ({table.values("after")}))
    AND (%(is_last)s OR ({table.columns}) <= ({table.values("until")}))
    AND {condition}
"""


def look_through(
    connection: Connection,
    table: Table,
    columns: LiteralString,
    condition: LiteralString,
    values: Mapping[str, object],
    *,
    window: int = WINDOW,
) -> Iterator[TupleRow]:
    """Yield these columns of the rows that fulfil a condition."""
    after: Sequence[Any] | None = None
    while True:
        begin = {**bounds("after", after), "is_first": after is None, "window": window}
        until = connection.execute(bound(table), begin).fetchone()
        span = {**begin, **bounds("until", until), "is_last": until is None}
        yield from connection.execute(among(table, columns, condition), {**values, **span})
        if until is None:
            return
        after = until


def bounds(prefix: str, key: Sequence[Any] | None) -> dict[str, Any]:
    return {f"{prefix}{name}": key[nth] if key and nth < len(key) else None for nth, name in enumerate(NAMES)}

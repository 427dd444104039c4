"""Everything that the database keeps, searched for a person: every column of every table that can hold text."""

import json
from collections.abc import Collection

from worker.store.db.postgres import Connection

COLUMNS = """
SELECT c.table_name, c.column_name, c.data_type
FROM information_schema.columns AS c
INNER JOIN pg_class AS t ON t.relname = c.table_name AND t.relnamespace = 'public'::regnamespace
WHERE
    c.table_schema = 'public' AND NOT t.relispartition AND t.relkind IN ('r', 'p')
    AND c.data_type IN ('text', 'character varying', 'json', 'jsonb', 'bytea', 'ARRAY')
ORDER BY 1, 2
"""
#: As text without what stands between digits, and as it is.
OF_TEXT = """
SELECT count(*) FROM {table}
WHERE regexp_replace({column}::text, '[^0-9]', '', 'g') LIKE %s OR {column}::text ILIKE ANY(%s)
"""
OF_BYTES = """
SELECT count(*) FROM {table}
WHERE
    regexp_replace(encode({column}, 'escape'), '\\\\[0-7]{{3}}|[^0-9]', '', 'g') LIKE %s
    OR EXISTS (SELECT FROM unnest(%s::bytea []) AS n(needle) WHERE position(n.needle IN {column}) > 0)
    OR {column} = ANY(%s)
"""


def columns_with(connection: Connection, phone: str, names: Collection[str], hashes: Collection[bytes]) -> list[str]:
    """Name the columns that hold the last digits of a phone, a name, or one of these hashes."""
    found: list[str] = []
    needles = [spelt for name in names for spelt in (name.encode(), json.dumps(name)[1:-1].encode())]
    for table, column, kind in connection.execute(COLUMNS).fetchall():
        if kind == "bytea":
            statement, values = OF_BYTES, (f"%{phone[-9:]}%", needles, list(hashes))
        else:
            statement, values = OF_TEXT, (f"%{phone[-9:]}%", [f"%{name}%" for name in names])
        asked = statement.format(table=table, column=f'"{column}"').encode()
        row = connection.execute(asked, values).fetchone()
        if row and row[0]:
            found.append(f"{table}.{column}")
    return found

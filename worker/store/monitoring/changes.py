"""Whether anything has moved, without a look at what."""

from worker.store.db.postgres import Connection, query_row

#: Each move of a text takes a number, each event and each letter too.
CHANGES = """
SELECT sum(coalesce(pg_sequence_last_value(s.name), 0))::bigint
FROM unnest(ARRAY[
    'transition_ids'::regclass, pg_get_serial_sequence('dead_letters', 'id')::regclass
]) AS s(name)
"""


def changes(connection: Connection) -> int:
    """A number that grows with each move in the ledger, of whatever account."""
    return query_row(connection, CHANGES)[0]

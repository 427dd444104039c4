"""Bodies, texts and phones cleared in the order of their keys, slice by slice; a mark remembers how far."""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from worker.store.db.postgres import Connection
from worker.store.transitions import TO_SEND

BEGIN = """
INSERT INTO retention_progress (name, month, id) VALUES (%(name)s, '1970-01-01', 0)
ON CONFLICT (name) DO NOTHING
"""
#: Who locks the mark is the one that clears.
MARK = "SELECT month, id FROM retention_progress WHERE name = %(name)s FOR UPDATE SKIP LOCKED"
MOVE = "UPDATE retention_progress SET month = %(month)s, id = %(id)s WHERE name = %(name)s"


@dataclass(frozen=True, slots=True)
class Cleared:
    """What is cleared of a table: the rows after the mark (month, id) that are older than %(before)s."""

    kind: str
    name: str
    slice: LiteralString
    clear: LiteralString


def slice_of(table: LiteralString, moment: LiteralString, month: LiteralString) -> LiteralString:
    """Read the next rows, as far as they are old enough."""
    return f"""
WITH next AS (
    SELECT {month} AS month, id, {moment} AS at FROM {table}
    WHERE {month} >= %(month)s AND ({month}, id) > (%(month)s, %(id)s::bigint)
    ORDER BY {month}, id
    LIMIT %(slice)s
)
SELECT month, id
FROM (SELECT month, id, bool_and(at < %(before)s) OVER (ORDER BY month, id) AS is_old FROM next) AS seen
WHERE is_old
ORDER BY month DESC, id DESC
LIMIT 1
"""


BODIES = Cleared(
    "bodies",
    "event bodies",
    slice_of("events", "received_at", "month"),
    """
UPDATE events SET body = ''
WHERE
    month BETWEEN %(month)s AND %(last_month)s
    AND (month, id) > (%(month)s, %(id)s) AND (month, id) <= (%(last_month)s, %(last_id)s)
    AND body <> ''
""",
)
REMINDERS = Cleared(
    "bodies",
    "reminder bodies",
    slice_of("occurrences", "created_at", "'1970-01-01'::date"),
    """
UPDATE occurrences SET body = ''
WHERE id > %(id)s AND id <= %(last_id)s AND body <> '' AND state <> 'pending'
""",
)
TEXTS = Cleared(
    "texts",
    "texts",
    slice_of("notifications", "created_at", "month"),
    f"""
UPDATE notifications SET phone = NULL, text = '', viber = CASE WHEN viber IS NOT NULL THEN '{{}}'::jsonb END
WHERE
    month BETWEEN %(month)s AND %(last_month)s
    AND (month, id) > (%(month)s, %(id)s) AND (month, id) <= (%(last_month)s, %(last_id)s)
    AND state NOT IN ({TO_SEND}) AND (phone IS NOT NULL OR text <> '')
""",
)
ALL = (BODIES, REMINDERS, TEXTS)


def clear_some(connection: Connection, cleared: Cleared, *, before: datetime, slice_: int) -> tuple[int, bool]:
    """Clear the next slice in the caller's transaction: how many rows, and whether there may be more."""
    connection.execute(BEGIN, {"name": cleared.name})
    mark = connection.execute(MARK, {"name": cleared.name}).fetchone()
    if mark is None:
        return 0, False
    values = {"month": mark[0], "id": mark[1], "before": before, "slice": slice_}
    last = connection.execute(cleared.slice, values).fetchone()
    if last is None:
        return 0, False
    count = connection.execute(cleared.clear, {**values, "last_month": last[0], "last_id": last[1]}).rowcount
    connection.execute(MOVE, {"name": cleared.name, "month": last[0], "id": last[1]})
    return count, True

"""What is still to be asked of messages whose notification has its end: their price, and whether Viber's was read."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from worker.store.db.postgres import NONE, Connection, as_rows

ADD = """
INSERT INTO follow_ups (account, message_id, due_at)
SELECT %(account)s, r.message_id, r.due_at
FROM json_to_recordset(%(rows)s::json) AS r(message_id text, due_at timestamptz)
ON CONFLICT (account, message_id) DO UPDATE SET due_at = excluded.due_at
"""

DROP = """
DELETE FROM follow_ups
WHERE account = %(account)s AND message_id IN (SELECT unnest(string_to_array(%(messages)s, ' ')))
"""

HASTEN = "UPDATE follow_ups SET due_at = %(now)s WHERE due_at > %(now)s"


def plan(connection: Connection, account: str, dues: Mapping[str, datetime | None]) -> None:
    """Schedule follow-ups of an account's messages by their ids; None: never again."""
    rows = as_rows({"message_id": name, "due_at": due_at} for name, due_at in sorted(dues.items()) if due_at)
    if rows != NONE:
        connection.execute(ADD, {"account": account, "rows": rows})
    drop(connection, account, (key for key, due_at in dues.items() if due_at is None))


def drop(connection: Connection, account: str, messages: Iterable[str]) -> None:
    if text := " ".join(sorted(messages)):
        connection.execute(DROP, {"account": account, "messages": text})


def hasten(connection: Connection, *, now: datetime) -> None:
    connection.execute(HASTEN, {"now": now})

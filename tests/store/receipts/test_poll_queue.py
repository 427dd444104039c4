from datetime import timedelta

import psycopg

from tests.store.right_rows import RIGHT, add, rows
from worker.core.clock.timeouts import ASK_LEASE
from worker.store.db.postgres import Connection, clock
from worker.store.receipts.poll_queue import LEASE, lease

#: A ledger in which almost everything is over, or comes by and by.
CROWD = {
    **RIGHT["notifications"],
    "id": "n",
    "state": "CASE WHEN n % 2 = 0 THEN 'delivered' ELSE 'accepted' END",
    "due_at": "NULL",
    "attempt": "'x'",
}
MESSAGES = {
    **RIGHT["provider_messages"],
    "message_id": "'m-' || n",
    "notification": "n",
    "ask_at": "CASE WHEN n % 2 = 1 THEN now() + interval '1 hour' END",
}


def fill(connection: Connection) -> None:
    for table, columns in {"notifications": CROWD, "provider_messages": MESSAGES}.items():
        rows(
            connection,
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"  # noqa: S608 (our own names)
            " FROM generate_series(1000, 21000) AS n",
        )
        rows(connection, f"ANALYZE {table}")


def test_due_polls_are_read_from_an_index(acme: Connection) -> None:
    fill(acme)
    now = clock(acme)

    with psycopg.ClientCursor(acme) as cursor:
        values = {"now": now, "limit": 1_000, "leased_until": now + ASK_LEASE}
        text = "\n".join(line for (line,) in cursor.execute(f"EXPLAIN {LEASE}".encode(), values))

    assert "Seq Scan on notifications_2" not in text
    assert "Seq Scan on provider_messages" not in text
    assert "Index Scan using provider_messages_asked" in text


def test_due_polls_are_leased_once_and_oldest_first(acme: Connection) -> None:
    now = clock(acme)
    for number, late, state in ((11, 10, "accepted"), (12, 20, "delivered"), (13, -10, "accepted")):
        add(acme, "notifications", {**CROWD, "id": str(number), "state": f"'{state}'"})
        ask_at = f"now() - interval '{late} seconds'"
        add(
            acme,
            "provider_messages",
            {**MESSAGES, "message_id": f"'m-{number}'", "notification": str(number), "ask_at": ask_at},
        )
    later = now + ASK_LEASE

    first = lease(acme, limit=10, leased_until=later, now=now + timedelta(seconds=1))
    again = lease(acme, limit=10, leased_until=later, now=now + timedelta(seconds=1))

    assert [(due.message_id, due.is_open) for due in first] == [("m-12", False), ("m-11", True)]
    assert again == []

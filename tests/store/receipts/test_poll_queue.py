from datetime import timedelta

import psycopg

from tests.store.right_rows import RIGHT, add, rows
from worker.core.clock.timeouts import ASK_LEASE
from worker.store.db.postgres import Connection, clock
from worker.store.receipts.poll_queue import ENDED, OPEN, lease

#: A ledger in which almost everything is over, or comes by and by.
CROWD = {
    **RIGHT["notifications"],
    "id": "n",
    "state": "CASE WHEN n % 2 = 0 THEN 'delivered' ELSE 'accepted' END",
    "due_at": "CASE WHEN n % 2 = 1 THEN now() + interval '1 hour' END",
    "attempt": "'x'",
}


def fill(connection: Connection) -> None:
    rows(
        connection,
        f"INSERT INTO notifications ({', '.join(CROWD)}) SELECT {', '.join(CROWD.values())}"  # noqa: S608 (our own names)
        " FROM generate_series(1000, 21000) AS n",
    )
    messages = {**RIGHT["provider_messages"], "message_id": "'m-' || n", "notification": "n"}
    for table, own in {
        "provider_messages": messages,
        "follow_ups": {"due_at": "now() + interval '1 hour'"},
    }.items():
        columns = {**RIGHT[table], "message_id": "'m-' || n", **own}
        rows(
            connection,
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"  # noqa: S608 (our own names)
            " FROM generate_series(1000, 6000) AS n",
        )
    for table in ("notifications", "provider_messages", "follow_ups"):
        rows(connection, f"ANALYZE {table}")


def test_due_polls_are_read_from_an_index(acme: Connection) -> None:
    fill(acme)
    now = clock(acme)

    for statement in (OPEN, ENDED):
        with psycopg.ClientCursor(acme) as cursor:
            values = {"now": now, "limit": 1_000, "leased_until": now + ASK_LEASE}
            text = "\n".join(line for (line,) in cursor.execute(f"EXPLAIN {statement}".encode(), values))

        assert "Seq Scan on notifications_2" not in text
        assert "Seq Scan on provider_messages" not in text
        assert "Seq Scan on follow_ups" not in text
        assert "due_at" in text


def test_due_polls_are_leased_once_and_oldest_first(acme: Connection) -> None:
    now = clock(acme)
    for number, late in ((11, 10), (12, 20), (13, -10)):
        due_at = f"now() - interval '{late} seconds'"
        add(acme, "notifications", {"id": str(number), "state": "'accepted'", "attempt": "'x'", "due_at": due_at})
        add(acme, "provider_messages", {"message_id": f"'m-{number}'", "notification": str(number)})
    later = now + ASK_LEASE

    first = lease(acme, limit=10, leased_until=later, now=now + timedelta(seconds=1))
    again = lease(acme, limit=10, leased_until=later, now=now + timedelta(seconds=1))

    assert [due.message_id for due in first] == ["m-12", "m-11"]
    assert again == []

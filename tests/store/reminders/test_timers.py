"""Plans of reads of timers in tables whose size PostgreSQL does not know yet."""

from collections.abc import Mapping

import psycopg

from tests.store.right_rows import RIGHT, rows
from worker.core.reminders.date_warnings import QUARANTINED
from worker.store.db.postgres import Connection, as_rows, clock
from worker.store.reminders.outdated_timers import RETIME
from worker.store.reminders.timers import DUE

#: By all of an account's entries, which a tick would go through however many there are.
BY_ACCOUNT = "calendar_by_rules_version"


def fill(connection: Connection) -> None:
    """Two thousand entries that are timed, as they come in the first minutes of a new system."""
    columns = {**RIGHT["calendar"], "record_id": "'r-' || n"}
    rows(
        connection,
        f"INSERT INTO calendar ({', '.join(columns)}) SELECT {', '.join(columns.values())}"  # noqa: S608 (our own names)
        " FROM generate_series(1, 2000) AS n",
    )


def plan_of(connection: Connection, statement: str, values: Mapping[str, object]) -> str:
    with psycopg.ClientCursor(connection) as cursor:
        return "\n".join(line for (line,) in cursor.execute(f"EXPLAIN {statement}".encode(), values))


def test_due_entries_are_read_by_the_index_of_timers(acme: Connection) -> None:
    fill(acme)

    text = plan_of(acme, DUE, {"tzdata": "2026a", "limit": 500, "now": clock(acme)})

    assert "timers_due" in text
    assert BY_ACCOUNT not in text


def test_each_entry_is_scheduled_by_the_primary_key(acme: Connection) -> None:
    fill(acme)
    entries = as_rows({"kind": "meeting", "record_id": f"r-{n}", "moment": "start", "timers": []} for n in range(500))
    values = {"account": "acme", "rules_version": 1, "entries": entries, "quarantined": QUARANTINED}

    text = plan_of(acme, RETIME, values)

    assert "calendar_pkey" in text
    assert BY_ACCOUNT not in text

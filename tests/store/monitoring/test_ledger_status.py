import pytest

from tests.store.plans import looked_at
from tests.store.right_rows import RIGHT, add, rows
from worker.core.clock.timeouts import NUDGE_WAIT_MAX
from worker.core.lanes import LANES
from worker.store.db.postgres import Connection, clock
from worker.store.monitoring import waiting_texts
from worker.store.monitoring.ledger_status import BY_STATE, DEAD, OLDEST, SENDING, LedgerStatus, look


def seen(connection: Connection) -> LedgerStatus:
    return look(connection, LANES, now=clock(connection))


def waiting(connection: Connection, number: int, state: str, due: str, *, planned: str | None = None) -> None:
    columns = {"id": str(number), "state": f"'{state}'", "due_at": due, "created_at": "now() - interval '3 days'"}
    add(connection, "notifications", {**columns, "reason": "NULL" if state == "planned" else "'quiet_hours'"})
    if planned:
        add(
            connection,
            "transitions",
            {"notification": str(number), "id": f"{number}", "at": planned, "to_state": "'planned'"},
        )


def test_an_empty_ledger_has_no_waiting_rows(acme: Connection) -> None:
    assert seen(acme) == LedgerStatus({}, {}, {}, 0, {})


def test_rows_are_counted_by_lane_and_state(acme: Connection) -> None:
    for number in range(3):
        waiting(acme, number, "postponed", "now() + interval '1 hour'")
    waiting(acme, 9, "planned", "now() + interval '30 seconds'", planned="now()")
    add(acme, "notifications", {"id": "20", "state": "'accepted'", "attempt": "'x'", "due_at": "NULL"})
    add(acme, "attempts", {"row_ids": "ARRAY[1, 2, 3, 4]", "row_months": "array_fill(current_date, ARRAY[4])"})

    results = seen(acme).waiting

    assert {key: rows for key, rows in results.items() if key[1] != "sending"} == {
        ("normal", "postponed"): 3,
        ("normal", "planned"): 1,
    }
    assert sum(rows for (_, state), rows in results.items() if state == "sending") == 4


def test_only_due_rows_have_an_age(acme: Connection) -> None:
    waiting(acme, 1, "postponed", "now() + interval '1 hour'")
    assert seen(acme).oldest_s == {}

    waiting(acme, 2, "postponed", "now() - interval '90 seconds'")
    assert seen(acme).oldest_s == {"normal": pytest.approx(90, abs=30)}


def test_a_row_that_is_nudged_in_vain_grows_old_from_when_it_was_planned(acme: Connection) -> None:
    waiting(acme, 1, "planned", "now() + interval '14 minutes'", planned="now() - interval '2 hours'")

    assert seen(acme).oldest_s == {"normal": pytest.approx(7200, abs=30)}


def test_rows_of_a_paused_account_are_counted_by_its_pause(acme: Connection) -> None:
    waiting(acme, 1, "postponed", "now() - interval '90 seconds'")
    add(acme, "pauses", {"reason": "'money'"})
    add(acme, "pauses", {"scope": "'provider'", "reason": "'provider_failing'"})
    add(acme, "pauses", {"scope": "'trigger/order.created'", "reason": "'runaway'"})
    add(acme, "pauses", {"scope": "'person/ab'", "reason": "'runaway'"})

    status = seen(acme)

    assert (status.oldest_s, status.paused, status.breakers) == ({}, {"money": 1, "runaway": 1}, 1)


def test_open_dead_letters_are_counted_by_age(acme: Connection) -> None:
    for number, age in enumerate(("1 minute", "59 minutes", "23 hours", "6 days", "40 days")):
        digest = f"decode(repeat('{number:02}', 16), 'hex')"
        add(acme, "dead_letters", {"hash": digest, "created_at": f"now() - interval '{age}'"})
    closed = {"state": "'dropped'", "closed_at": "now()", "closed_by": "'x'", "hash": "'closed'"}
    add(acme, "dead_letters", closed)

    assert seen(acme).dead == {"hour": 2, "day": 1, "week": 1, "older": 1}


def fill(connection: Connection) -> None:
    """A ledger in which almost everything is over."""
    done = {
        **RIGHT["notifications"],
        "id": "n",
        "state": "'accepted'",
        "reason": "NULL",
        "due_at": "NULL",
        "attempt": "'x'",
    }
    attempts = {**RIGHT["attempts"], "key": "lpad(to_hex(n), 32, '0')", "body": "NULL", "settled_at": "now()"}
    fields = {**RIGHT["dead_letters"], "hash": "int8send(n)", "state": "'dropped'", "closed_at": "now()"}
    tables = {
        "notifications": done,
        "attempts": {**attempts, "outcome": "'accepted'"},
        "dead_letters": {**fields, "closed_by": "'x'"},
    }
    for table, columns in tables.items():
        insert = f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"
        rows(connection, f"{insert} FROM generate_series(1000, 21000) AS n")
        rows(connection, f"ANALYZE {table}")


def test_a_look_reads_what_is_open_and_never_a_whole_table(acme: Connection) -> None:
    fill(acme)
    for number in range(20):
        waiting(acme, number, "postponed", "now() + interval '1 hour'")
    values = {
        "lanes": list(LANES),
        "now": clock(acme),
        "soon": clock(acme) + NUDGE_WAIT_MAX,
        "most": 50_000,
        "first": 20,
        "account": None,
    }

    for statement in (BY_STATE, SENDING, OLDEST, DEAD, waiting_texts.ALIKE):
        assert looked_at(acme, statement, values, "notifications|attempts|dead_letters") <= 200, statement

from datetime import timedelta

from tests.cli.conftest import Command
from tests.support.crm import execute, row
from worker.store.db.postgres import Pool, clock, transaction
from worker.store.monitoring import task_status


def save_status(pool: Pool, runner: str, *, failure: str | None = None, ago: timedelta = timedelta()) -> None:
    fields = {"task": "release", "every_s": 0.5, "ago_s": 0.1, "ahead_s": 0.4, "lag_s": 0.02, "took_s": 0.01, "runs": 7}
    with transaction(pool) as connection:
        now = clock(connection) - ago
        task_status.save_runs(connection, runner, [{**fields, "failure": failure}], now=now)


def test_the_status_shows_when_by_whom_and_how_late_each_task_ran(run: Command, pool: Pool) -> None:
    save_status(pool, "host/1", ago=timedelta(minutes=5))
    save_status(pool, "host/2", failure="OperationalError")

    result = run("scheduler", "--status", "--json")

    body = result.json
    (task,) = body["tasks"]
    assert (result.code, body["schedulers"]) == (0, ["host/2"])
    assert (task["task"], task["runner"], task["lag_s"], task["failure"]) == (
        "release",
        "host/2",
        0.02,
        "OperationalError",
    )
    assert task["last_at"] < body["now"] < task["next_at"]
    assert [(runner["runner"], runner["lives"]) for runner in task["runners"]] == [("host/2", True), ("host/1", False)]
    table = run("scheduler", "--status", COLUMNS="200")
    assert "release" in table.out
    assert "host/2" in table.out
    assert "pending: 0" in table.err


def test_a_status_without_a_running_scheduler_is_exit_code_1(run: Command, pool: Pool) -> None:
    save_status(pool, "host/1", ago=timedelta(minutes=5))

    result = run("scheduler", "--status", "--json")

    assert (result.code, result.json["tasks"][0]["next_at"]) == (1, None)
    assert "No scheduler runs" in result.err


def test_json_goes_with_the_status_alone(run: Command) -> None:
    assert run("scheduler", "--json").code == 2


def test_missed_occurrences_are_shown_with_their_reason(run: Command, pool: Pool) -> None:
    execute(
        pool,
        """
        INSERT INTO occurrences (
            account, rule, record_kind, record_id, moment, offset_minutes, slot, changed_at, event_id, routing_key,
            body, rank, state, reason, due_at, expires_at, created_at, settled_at
        )
        VALUES (
            'acme', 'meeting_reminder', 'meeting', '1', 'start', 120, '2026-12-01T10:00:00', now(), 'x', 'acme.x', 'x',
            0, 'missed', 'too_late', now(), now(), now(), now()
        )
        """,
    )

    (value,) = run("occurrences", "--state", "missed", "--json").json

    assert (value["record_id"], value["state"], value["reason"]) == ("1", "missed", "too_late")
    assert run("occurrences", "--state", "published", "--json").json == []
    assert "it came too late to be of use" in run("occurrences", COLUMNS="200").out
    assert run("scheduler", "--status", "--json").json["occurrences"] == {"missed": 1}
    assert row(pool, "SELECT count(*) FROM task_statuses") == (0,)

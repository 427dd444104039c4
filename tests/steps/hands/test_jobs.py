"""Jobs are carried on part by part: short ones beside long ones, and a part that breaks takes no other along."""

import pytest

from tests.support.crm import add_account, delivery, event, execute, person, row, rows
from worker.core.hands.job import NewJob
from worker.steps.hands import jobs as steps
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.db.postgres import clock, transaction
from worker.store.hands import jobs
from worker.store.retention import JOBS, purge


@pytest.fixture
def texts(intake: Intake) -> list[str]:
    add_account(intake.pool)
    for number in range(5):
        order = {"id": str(number), "number": f"A-{number}", "version": 1}
        accept(intake, [delivery(event("order.created", recipients=[person("order")], order=order))])
    return [
        text for (text,) in rows(intake.pool, "SELECT to_char(month, 'YYYY-MM/') || id FROM notifications ORDER BY id")
    ]


@pytest.fixture(autouse=True)
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "PART", 1)


def begun(intake: Intake, *items: str) -> int:
    with transaction(intake.pool) as connection:
        now = clock(connection)
        number = jobs.propose(connection, NewJob("acme", "cancel", "x", {}, items, {}), now=now)
        assert jobs.begin(connection, "acme", number, by="x")
        return number


def states(intake: Intake) -> list[tuple[int, str]]:
    return rows(intake.pool, "SELECT done, state FROM jobs ORDER BY id")


def test_a_short_job_does_not_wait_for_a_long_one(intake: Intake, texts: list[str]) -> None:
    begun(intake, *texts[:3])
    begun(intake, texts[3])

    assert (steps.carry_on(intake), steps.carry_on(intake)) == (True, True)

    assert states(intake) == [(1, "running"), (1, "finished")]
    while steps.carry_on(intake):
        pass
    assert states(intake) == [(3, "finished"), (1, "finished")]
    assert row(intake.pool, "SELECT counts FROM jobs WHERE done = 3") == ({"cancelled": 3},)


def test_a_part_that_breaks_stays_and_the_others_go_on(intake: Intake, texts: list[str]) -> None:
    begun(intake, texts[0], "no text", texts[1])

    while steps.carry_on(intake):
        pass

    assert row(intake.pool, "SELECT counts, state FROM jobs") == ({"cancelled": 2, "broken": 1}, "finished")


def test_nobody_agrees_to_what_somebody_else_was_shown(intake: Intake, texts: list[str]) -> None:
    with transaction(intake.pool) as connection:
        job = NewJob("acme", "cancel", "x", {}, texts, {})
        number = jobs.propose(connection, job, now=clock(connection))

        assert not jobs.begin(connection, "acme", number, by="y")
        assert not jobs.begin(connection, "other", number, by="x")


def test_what_nobody_agreed_to_goes_after_a_day_and_the_rest_after_a_month(intake: Intake, texts: list[str]) -> None:
    finished, proposed = begun(intake, texts[0]), begun(intake, texts[1])
    steps.carry_on(intake)
    execute(intake.pool, "UPDATE jobs SET state = 'proposed', done = 0, settled_at = NULL WHERE id = %s", proposed)
    execute(intake.pool, "UPDATE jobs SET asked_at = now() - interval '25 hours'")

    with intake.pool.connection() as connection:
        connection.autocommit = True
        purge(connection, JOBS, {"now": clock(connection)})
        assert rows(intake.pool, "SELECT id FROM jobs") == [(finished,)]
        execute(intake.pool, "UPDATE jobs SET settled_at = now() - interval '31 days'")
        purge(connection, JOBS, {"now": clock(connection)})

    assert rows(intake.pool, "SELECT id FROM jobs") == []

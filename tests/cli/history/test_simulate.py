import pytest

from tests.cli.conftest import Command
from tests.support.crm import add_account, delivery, event, execute, person, row
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.db.postgres import Pool

START = "now() + interval '3 days'"


@pytest.fixture
def soon(pool: Pool, intake: Intake) -> str:
    """A meeting in three days, of an account that knows its price; the answer is the day of its first reminder."""
    add_account(pool)
    execute(pool, "UPDATE accounts SET segment_price = 0.5")
    start, day = row(pool, f"SELECT {START}, ({START} - interval '1 day') AT TIME ZONE 'Europe/Kyiv'")
    meeting = {"id": "1", "version": 1, "start": start.isoformat()}
    accept(
        intake, [delivery(event("meeting.saved", meeting=meeting, recipients=[person(), person(phone=None, id="9")]))]
    )
    return str(day.date())


def test_a_simulation_shows_recipients_texts_times_and_costs(run: Command, soon: str) -> None:
    body = run("simulate", "--account", "acme", "--json").json

    sent = [item for item in body["foreseen"] if item["is_sent"]]
    assert [(item["phone"], item["recipient_id"], item["segments"], item["cost"]) for item in sent] == [
        ("+38067***4567", "17", 1, "0.5000")
    ] * 2
    assert sent[0]["local_at"][:10] >= soon
    assert "Нагадуємо" in sent[0]["text"]
    reminders, everything = body["totals"]
    assert {**reminders, "trigger": "all"} == everything
    assert (everything["texts"], everything["people"], everything["segments"], everything["not_sent"]) == (2, 1, 2, 2)
    assert everything["why_not"] == "no_phone 2"


def test_a_simulation_shows_a_table_with_totals_and_no_whole_phone(run: Command, soon: str) -> None:
    assert soon
    output = run("simulate", "-a", "acme", COLUMNS="250").out

    assert "+38067***4567" in output
    assert "meeting_reminder" in output
    assert "1234567" not in output


def test_a_simulation_sends_and_writes_nothing(run: Command, pool: Pool, soon: str) -> None:
    assert soon
    written = "SELECT (SELECT count(*) FROM notification_keys), (SELECT count(*) FROM occurrences)"
    before = row(pool, written)

    run("simulate", "-a", "acme")

    assert row(pool, written) == before


@pytest.mark.parametrize(
    ("given", "code", "text"),
    [
        (["-a", "nobody"], 3, "no account nobody"),
        (["-a", "acme", "--from", "2030-02-01", "--to", "2030-01-01"], 2, "lies before"),
        (["-a", "acme", "--from", "2020-01-01", "--to", "2020-01-31"], 2, "is over"),
        (["-a", "acme", "--from", "2030-01-01", "--to", "2032-01-01"], 2, "366 days"),
    ],
)
def test_days_that_cannot_be_simulated_are_refused_with_the_reason(
    shop: Command, given: list[str], code: int, text: str
) -> None:
    result = shop("simulate", *given)

    assert (result.code, text in result.err) == (code, True), result.err


def test_a_simulation_of_an_empty_calendar_has_no_texts(shop: Command) -> None:
    assert "Nothing would be sent" in shop("simulate", "-a", "acme").err
    assert shop("simulate", "-a", "acme", "--json").json["foreseen"] == []


def test_the_table_can_be_cut(run: Command, soon: str) -> None:
    assert soon
    assert "and 3 more" in run("simulate", "-a", "acme", "--limit", "1").err


def test_days_are_those_of_the_account(run: Command, soon: str) -> None:
    body = run("simulate", "-a", "acme", "--from", soon, "--to", soon, "--json").json

    assert {item["local_at"][:10] for item in body["foreseen"]} == {soon}

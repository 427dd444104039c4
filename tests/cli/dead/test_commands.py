import orjson
import pytest

from tests.cli.conftest import Command, outcomes
from tests.support.crm import Json, add_account, delivery, event, execute, row, rows
from worker.core.contract.inbound_message import BODY_MAX, Delivery
from worker.steps.ingest.dead_letter import bury
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.sending.row_failure import job_dead_letter
from worker.store.db.postgres import Pool, clock, transaction
from worker.store.ingest import dead_letters

REOPEN = """
UPDATE dead_letters SET state = 'open', closed_at = NULL, closed_by = NULL, event_month = NULL, event = NULL
"""


@pytest.fixture
def stranger(intake: Intake) -> Json:
    """An event of an account that does not exist yet: dead letter 1."""
    body = event("order.created")
    accept(intake, [delivery(body)])
    return body


def fail_notification(pool: Pool, intake: Intake) -> None:
    """A notification that failed before its POST, with its dead letter."""
    add_account(pool)
    accept(intake, [delivery(event("order.created"))])
    execute(pool, "UPDATE notifications SET state = 'failed', reason = 'failing', due_at = NULL, tries = 5")
    month, number = row(pool, "SELECT month, id FROM notifications")
    with transaction(pool) as connection:
        dead_letter = job_dead_letter(
            (month, number), "acme", "failing", "KeyError 5 times", "worker/steps/sending/send.py:1"
        )
        dead_letters.bury(connection, [dead_letter], now=clock(connection))


def test_dead_event_is_replayed_under_its_own_id(run: Command, pool: Pool, stranger: Json) -> None:
    add_account(pool)

    result = run("dead", "replay", "1", "--json")

    assert (result.code, outcomes(result.json)) == (0, ["replayed"]), result
    assert rows(pool, "SELECT event_id, routing_key FROM events") == [(stranger["id"], "acme.order.created")]
    assert rows(pool, "SELECT state FROM notifications") == [("planned",)]
    assert run("dead", "list", "--json").json == []


def test_an_event_replayed_twice_plans_once(run: Command, pool: Pool, stranger: Json) -> None:
    add_account(pool)
    run("dead", "replay", "1")
    execute(pool, REOPEN)

    result = run("dead", "replay", "1", "--json")

    assert (result.code, result.json[0]["detail"]) == (0, "it had been accepted before: nothing more to do")
    assert row(pool, "SELECT count(*) FROM notifications WHERE phone = '+380671234567'") == (1,)
    assert row(pool, "SELECT count(*) FROM events WHERE event_id = %s", stranger["id"]) == (1,)


def test_an_event_refused_again_stays_open_with_a_reason(run: Command, stranger: Json) -> None:
    result = run("dead", "replay", "1", "--json")

    assert (result.code, outcomes(result.json)) == (1, ["refused again"])
    assert result.json[0]["detail"].startswith("unknown_account: `source` names account acme")
    assert [(item["id"], item["times"]) for item in run("dead", "list", "--json").json] == [(1, 1)]
    assert stranger["source"] == "/accounts/acme"


def test_a_dead_letter_without_its_whole_body_cannot_be_replayed(run: Command, intake: Intake) -> None:
    accept(intake, [delivery(b"x" * (BODY_MAX + 1))])

    result = run("dead", "replay", "1", "--json")

    assert (result.code, outcomes(result.json)) == (1, ["not replayed"])
    assert "only its head was kept" in result.json[0]["detail"]


def test_a_failed_notification_is_planned_anew(run: Command, pool: Pool, intake: Intake) -> None:
    fail_notification(pool, intake)

    result = run("--by", "Anna", "dead", "replay", "1", "--json")

    assert (result.code, outcomes(result.json)) == (0, ["replayed"])
    assert rows(pool, "SELECT state, tries, due_at <= now() FROM notifications") == [("planned", 0, True)]
    last = "SELECT from_state, to_state, actor FROM transitions ORDER BY id DESC LIMIT 1"
    assert rows(pool, last) == [("failed", "planned", "operator/Anna")]


@pytest.mark.parametrize("state", ["planned", "sending"])
def test_a_notification_that_no_longer_failed_is_left_alone(
    run: Command, pool: Pool, intake: Intake, state: str
) -> None:
    fail_notification(pool, intake)
    execute(pool, "UPDATE notifications SET state = %s, reason = NULL, due_at = now(), attempt = 'a'", state)

    result = run("dead", "replay", "1", "--json")

    assert (result.code, outcomes(result.json)) == (1, ["not replayed"])
    assert row(pool, "SELECT state FROM notifications") == (state,)


def test_a_dead_letter_of_rabbitmq_can_be_dropped_and_not_replayed(run: Command, pool: Pool) -> None:
    bury(pool, [Delivery(b"{}", "sms.dead", "sms.dead", death="rejected in sms.urgent")])

    replayed = run("dead", "replay", "1", "--json")
    dropped = run("dead", "drop", "1", "--why", "forged", "--yes", "--json")

    assert (replayed.code, outcomes(replayed.json)) == (1, ["not replayed"])
    assert (dropped.code, outcomes(dropped.json)) == (0, ["dropped"])
    assert row(pool, "SELECT state, close_reason, closed_by <> '' FROM dead_letters") == ("dropped", "forged", True)


def test_all_dead_letters_of_a_reason_are_replayed_at_once(run: Command, pool: Pool, intake: Intake) -> None:
    accept(intake, [delivery(event("order.created")) for _ in range(3)])
    accept(intake, [delivery(b"{")])
    add_account(pool)

    result = run("dead", "replay", "--all", "--reason", "unknown_account", "--yes", "--json")

    assert (result.code, outcomes(result.json)) == (0, ["replayed"] * 3)
    assert [item["reason"] for item in run("dead", "list", "--json").json] == ["not_json"]


def test_a_dry_run_changes_nothing(run: Command, pool: Pool, stranger: Json) -> None:
    add_account(pool)

    result = run("dead", "replay", "--all", "--dry-run", "--json")

    assert [item["id"] for item in result.json] == [1]
    assert row(pool, "SELECT state, times FROM dead_letters WHERE event_id = %s", stranger["id"]) == ("open", 1)


@pytest.mark.usefixtures("stranger")
def test_without_a_terminal_or_yes_no_dead_letters_are_changed(run: Command) -> None:
    assert run("dead", "replay", "--all").code == 2
    assert run("dead", "drop", "1", "--why", "test").code == 2
    assert len(run("dead", "list", "--json").json) == 1


def test_a_dead_letter_is_shown_with_its_phones_hidden(run: Command, stranger: Json) -> None:
    shown = run("dead", "show", "1")
    raw = run("dead", "show", "1", "--raw")
    as_json = run("dead", "show", "1", "--json")

    assert shown.code == raw.code == as_json.code == 0
    assert [("067 123 45 67" in result.out) for result in (shown, raw, as_json)] == [False, True, False]
    assert stranger["id"] in shown.out
    assert "perfectum-sms account add" in shown.err


def test_a_dead_letter_cannot_draw_on_the_terminal(run: Command, intake: Intake) -> None:
    accept(intake, [delivery("\x1b[2J\x9b1m[bold]\u202e".encode(), key="x\x1b[31m")])

    output = run("dead", "show", "1", "--raw").out + run("dead", "list").out

    assert not set(output) & set("\x1b\x9b\u202e")
    assert "[bold]" in output


def test_closed_dead_letters_are_listed_only_with_all(run: Command, stranger: Json) -> None:
    run("dead", "drop", "1", "--why", "test", "--yes")

    assert run("dead", "list", "--json").json == []
    [value] = run("dead", "list", "--all", "--json").json
    assert (value["state"], value["close_reason"], value["event_id"]) == ("dropped", "test", stranger["id"])


@pytest.mark.parametrize("command", [("show", "7"), ("replay", "7"), ("drop", "7", "--why", "x", "--yes")])
def test_a_missing_dead_letter_is_exit_code_3(run: Command, command: tuple[str, ...]) -> None:
    assert run("dead", *command).code == 3


def test_a_replayed_dead_letter_keeps_its_bytes(run: Command, pool: Pool, stranger: Json) -> None:
    add_account(pool)
    run("dead", "replay", "1")

    [body] = row(pool, "SELECT body FROM events")
    assert bytes(body) == orjson.dumps(stranger)


def test_a_dead_letter_with_a_wrong_time_is_listed_by_its_account(run: Command, pool: Pool, intake: Intake) -> None:
    add_account(pool)
    wrong = {**event("order.created"), "time": "2026-11-23T10:15:00"}
    accept(intake, [delivery(orjson.dumps(wrong), key="acme.order.created")])

    (value,) = run("dead", "list", "-a", "acme", "--json").json
    replayed = run("dead", "replay", "--all", "-a", "acme", "--yes", "--json")

    assert (value["account"], value["event_type"], value["event_id"]) == ("acme", "order.created", wrong["id"])
    assert (replayed.code, outcomes(replayed.json)) == (1, ["refused again"])


def test_dead_letters_beyond_the_limit_of_an_account_are_counted(run: Command, pool: Pool) -> None:
    with transaction(pool) as connection:
        over = dead_letters.uncounted(dead_letters.DeadLetter("event", "schema", "", b"{}", account="acme"))
        dead_letters.bury(connection, [over, over], now=clock(connection))

    shown = run("dead", "show", "1")
    (replayed,) = run("dead", "replay", "1", "--json").json

    assert ("too_many" in shown.out, "only counted here" in shown.out) == (True, True)
    assert replayed["detail"] == "it only counts those that had no room; drop it"

import pytest

from tests.cli.conftest import Command, outcomes
from tests.support.crm import add_account, delivery, event, execute, row, rows
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.db.postgres import Pool

DOUBT = """
WITH doubted AS (
    UPDATE notifications
    SET state = 'unconfirmed', reason = %s, due_at = NULL, attempt = repeat('a', 32), attempt_month = month
    WHERE state = 'planned'
    RETURNING month, id, reason
)
INSERT INTO transitions (month, notification, at, from_state, to_state, reason, actor)
SELECT month, id, clock_timestamp(), 'sending', 'unconfirmed', reason, 'record' FROM doubted
"""


def doubt(pool: Pool, intake: Intake, reason: str = "key_expired", *, account: str = "acme") -> str:
    """The id of an unconfirmed text, as it is listed."""
    accept(intake, [delivery(event("order.created", account=account))])
    [results] = rows(pool, "SELECT to_char(month, 'YYYY-MM') || '/' || id FROM notifications WHERE state = 'planned'")
    execute(pool, DOUBT, reason)
    return results[0]


@pytest.fixture
def unconfirmed_id(pool: Pool, intake: Intake) -> str:
    add_account(pool)
    return doubt(pool, intake)


def states(pool: Pool) -> list[str]:
    return [item[0] for item in rows(pool, "SELECT state FROM notifications ORDER BY id")]


def test_texts_in_doubt_are_listed_the_newest_first_and_no_others(run: Command, pool: Pool, intake: Intake) -> None:
    add_account(pool)
    wanted = [doubt(pool, intake, reason) for reason in ("key_expired", "duplicate", "http_502")]
    accept(intake, [delivery(event("order.created"))])

    body = run("unconfirmed", "list", "--json").json

    assert [item["id"] for item in body] == wanted[::-1]
    assert [item["reason"] for item in body] == ["http_502", "duplicate", "key_expired"]
    assert [item["detail"].split(": ")[-1] for item in body] == [
        "perhaps sent.",
        "almost certainly sent.",
        "perhaps sent.",
    ]
    assert all(item["when"] and item["expires_at"] and item["text"] for item in body)


def test_the_list_can_be_limited_to_an_account_and_a_number(run: Command, pool: Pool, intake: Intake) -> None:
    for account in ("acme", "other"):
        add_account(pool, account)
    mine = [doubt(pool, intake) for _ in range(2)]
    doubt(pool, intake, account="other")

    body = run("unconfirmed", "list", "--account", "acme", "--limit", "1", "--json").json

    assert [item["id"] for item in body] == mine[1:]


def test_the_list_masks_phones_and_has_commands_to_decide(run: Command, unconfirmed_id: str) -> None:
    result = run("unconfirmed", "list")

    assert "+38067***4567" in result.out
    assert "1234567" not in result.out + run("unconfirmed", "list", "--json").out
    assert f"perfectum-sms unconfirmed sent {unconfirmed_id}" in result.err
    assert f"perfectum-sms unconfirmed resend {unconfirmed_id}" in result.err


def test_an_empty_list_is_no_error(run: Command) -> None:
    result = run("unconfirmed", "list")

    assert (result.code, result.out, result.err) == (0, "", "Nothing is unconfirmed.\n")


def test_a_text_is_planned_anew_by_a_person(run: Command, pool: Pool, unconfirmed_id: str) -> None:
    result = run("unconfirmed", "resend", unconfirmed_id, "--yes", "--json")

    assert (result.code, outcomes(result.json), result.json[0]["id"]) == (0, ["planned anew"], unconfirmed_id)
    assert row(pool, "SELECT state, due_at <= clock_timestamp() FROM notifications") == ("planned", True)
    assert run("unconfirmed", "list", "--json").json == []


def test_resending_warns_of_a_double_text_and_needs_yes(run: Command, pool: Pool, unconfirmed_id: str) -> None:
    result = run("unconfirmed", "resend", unconfirmed_id)

    assert (result.code, "gets it twice" in result.err, "--yes" in result.err) == (2, True, True)
    assert states(pool) == ["unconfirmed"]


def test_a_text_that_went_is_sent_and_asked_for_no_more(run: Command, pool: Pool, unconfirmed_id: str) -> None:
    result = run("unconfirmed", "sent", unconfirmed_id, "--json")

    assert (result.code, outcomes(result.json)) == (0, ["sent"])
    assert row(pool, "SELECT state, reason, due_at FROM notifications") == ("sent", "by_hand", None)


def test_a_bare_number_is_enough(run: Command, pool: Pool, unconfirmed_id: str) -> None:
    result = run("unconfirmed", "sent", unconfirmed_id.split("/")[1])

    assert (result.code, states(pool)) == (0, ["sent"])


def test_an_id_of_two_months_must_be_given_with_its_month(
    run: Command, pool: Pool, intake: Intake, unconfirmed_id: str
) -> None:
    number = unconfirmed_id.split("/")[1]
    doubt(pool, intake)
    execute(pool, f"UPDATE notifications SET month = '2001-01-01', id = {number} WHERE id <> {number}")  # noqa: S608

    refused = [run(*words, number) for words in (["unconfirmed", "sent"], ["cancel"], ["why"])]
    named = run("unconfirmed", "sent", f"2001-01/{number}")

    hint = f"{number} is more than one: give one of 2001-01/{number}, {unconfirmed_id}."
    assert [(result.code, result.err.strip()) for result in refused] == [(2, hint)] * 3
    assert named.code == 0
    assert rows(pool, "SELECT month::text FROM notifications WHERE state = 'sent'") == [("2001-01-01",)]


@pytest.mark.parametrize("command", [("resend", "--yes"), ("sent",)])
@pytest.mark.parametrize("state", ["accepted", "delivered"])
def test_a_text_that_is_no_longer_in_doubt_is_left_alone(
    run: Command, pool: Pool, intake: Intake, unconfirmed_id: str, state: str, command: tuple[str, ...]
) -> None:
    execute(pool, "UPDATE notifications SET state = %s, reason = NULL", state)
    other = doubt(pool, intake)

    result = run("unconfirmed", *command, unconfirmed_id, other, "--json")

    assert result.code == 1
    assert {item["id"]: item["outcome"] for item in result.json} == {
        unconfirmed_id: "left alone",
        other: "sent" if command[0] == "sent" else "planned anew",
    }
    assert f"it is {state}" in next(item["detail"] for item in result.json if item["id"] == unconfirmed_id)
    assert states(pool)[0] == state


@pytest.mark.parametrize("command", [("resend", "--yes"), ("sent",)])
@pytest.mark.parametrize("missing", ["2001-01/7", "987654321"])
def test_a_text_that_is_not_there_is_exit_code_3_and_moves_nothing(
    run: Command, pool: Pool, unconfirmed_id: str, missing: str, command: tuple[str, ...]
) -> None:
    result = run("unconfirmed", *command, unconfirmed_id, missing)

    assert (result.code, missing in result.err) == (3, True)
    assert states(pool) == ["unconfirmed"]


@pytest.mark.parametrize("wrong", ["2026-13/1", "x", "2026-11-01/1", "0000-01/1", "1" * 19, "-", "٣"])
def test_a_wrong_id_is_exit_code_2(run: Command, wrong: str) -> None:
    result = run("unconfirmed", "sent", "--", wrong, NO_COLOR="1", TERM="dumb", COLUMNS="300")

    assert (result.code, "2026-11/123" in result.err) == (2, True)


def test_an_id_given_twice_counts_once(run: Command, unconfirmed_id: str) -> None:
    result = run(
        "unconfirmed", "resend", unconfirmed_id, unconfirmed_id.split("/")[1], unconfirmed_id, "--yes", "--json"
    )

    assert (result.code, outcomes(result.json)) == (0, ["planned anew"])


def test_the_list_is_read_in_130_columns(run: Command, unconfirmed_id: str) -> None:
    output = run("unconfirmed", "list", COLUMNS="130").out

    assert max(map(len, output.splitlines())) <= 130
    for text in (unconfirmed_id, "+38067***4567", "as long as its key", "lived: perhaps sent."):
        assert text in output

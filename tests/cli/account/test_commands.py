from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.support.crm import SECRET, row
from worker.core.triggers.catalogue import TRIGGERS
from worker.store.accounts.sealed_places import token_of
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool

TOKEN = "hunter2-token-of-acme"
ADD = ("account", "add", "acme", "--name", "ТОВ «Акме»", "--sender", "ACME", "--token-file", "-")


def test_a_new_account_starts_with_every_trigger_and_its_default_text(run: Command) -> None:
    added = run(*ADD, "--hours", "0:00-24:00", given=TOKEN)
    shown = run("account", "show", "acme", "--json").json

    assert added.code == 0, added.err
    assert (shown["name"], shown["sms_sender"], shown["hours"], shown["zone"]) == (
        "ТОВ «Акме»",
        "ACME",
        "0:00-24:00",
        "Europe/Kyiv",
    )
    assert {trigger["trigger"]: trigger["text"] for trigger in shown["triggers"] if trigger["switched_on"]} == {
        trigger.id: trigger.texts.get("uk", "") for trigger in TRIGGERS
    }


def test_texts_are_in_the_accounts_language(run: Command) -> None:
    run(*ADD, "--locale", "en", given=TOKEN)

    shown = run("account", "show", "acme", "--json").json
    assert {trigger["text"] for trigger in shown["triggers"]} == {trigger.texts.get("en", "") for trigger in TRIGGERS}


def test_account_token_is_never_printed(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN)
    results = [
        run(*ADD, given=TOKEN),
        run("account", "add", "other", "--name", "Other", "--sender", "Other", "--token", TOKEN),
        run("account", "token", "acme", "--token-file", str(file)),
        run("account", "list"),
        run("account", "list", "--json"),
        run("account", "show", "acme"),
        run("account", "show", "acme", "--json"),
    ]

    assert [result.code for result in results] == [0] * len(results)
    assert not any(TOKEN in result.out + result.err for result in results)


def test_a_token_on_the_command_line_is_warned_of(run: Command) -> None:
    result = run("account", "add", "acme", "--name", "Acme", "--sender", "Acme", "--token", TOKEN)

    assert "history" in result.err


def test_a_token_is_kept_sealed_and_can_be_replaced(run: Command, pool: Pool) -> None:
    run(*ADD, given=TOKEN + "\n")
    [first] = row(pool, "SELECT token FROM accounts")
    run("account", "token", "acme", "--token-file", "-", given="another")
    [second] = row(pool, "SELECT token FROM accounts")

    assert TOKEN.encode() not in first
    assert [Seal([SECRET]).open(bytes(item), token_of("acme")) for item in (first, second)] == [TOKEN, "another"]


def test_without_a_terminal_a_token_must_be_given(run: Command) -> None:
    result = run(*ADD[:-2])

    assert (result.code, "--token-file" in result.err) == (2, True)


def test_a_wrong_secret_key_is_an_error_and_changes_nothing(run: Command) -> None:
    run(*ADD, given=TOKEN)

    result = run("account", "token", "acme", "--token-file", "-", given="x", SMS_SECRET_KEY="a key of another world")

    assert (result.code, "SMS_SECRET_KEY does not open" in result.err) == (1, True)


def test_a_missing_secret_key_is_an_error_with_how_to_make_it(run: Command) -> None:
    result = run(*ADD, given=TOKEN, SMS_SECRET_KEY="")

    assert (result.code, "SMS_SECRET_KEY is not set" in result.err, "openssl" in result.err) == (1, True, True)


def test_an_account_is_added_once(run: Command) -> None:
    run(*ADD, given=TOKEN)

    result = run(*ADD, given="another")

    assert (result.code, "is there already" in result.err) == (1, True)


@pytest.mark.parametrize(
    "wrong",
    [
        ("--hours", "20:00-9:00"),
        ("--hours", "9-20"),
        ("--hours", "9:00-24:01"),
        ("--zone", "Europe/Atlantis"),
        ("--locale", "xx"),
        ("--token-file", "/nowhere/at/all"),
    ],
)
def test_a_wrong_option_is_named_and_adds_nothing(run: Command, wrong: tuple[str, str]) -> None:
    result = run(*ADD, *wrong, given=TOKEN, NO_COLOR="1", TERM="dumb")

    assert result.code in {1, 2}
    assert wrong[0] in result.err
    assert run("account", "list", "--json").json == []


@pytest.mark.parametrize("name", ["Acme", "a.b", "a" * 41, "acme#"])
def test_an_account_id_is_a_segment_of_a_routing_key(run: Command, name: str) -> None:
    result = run("account", "add", name, *ADD[3:], given=TOKEN)

    assert (result.code, "ID" in result.err) == (2, True)


def test_the_fence_keeps_a_crm_to_its_own(run: Command) -> None:
    run(*ADD, given=TOKEN)

    fence = run("account", "show", "acme", SMS_AMQP_URL="amqp://u:hunter2@rabbit/prod").out
    assert "set_topic_permissions -p prod crm-acme crm.events '^acme\\..*' '^$'" in fence
    assert """set_user_limits crm-acme '{"max-connections": 100, "max-channels": 200}'""" in fence
    assert """set_policy -p prod sms-events '^crm\\.events' '{"max-length-bytes": 1073741824}'""" in fence
    assert "set_topic_permissions -p prod crm-acme.outcomes sms.outcomes '^$' '^acme\\..*'" in fence
    assert "hunter2" not in fence


@pytest.mark.parametrize(
    "command",
    [
        ("show",),
        ("resume",),
        ("token", "--token-file", "-"),
        ("set", "--rate", "5"),
    ],
)
def test_an_account_that_is_not_there_is_exit_code_3(run: Command, command: tuple[str, ...]) -> None:
    assert run("account", command[0], "nobody", *command[1:], given="x").code == 3

from typing import Any

from tests.cli.conftest import Command
from tests.support.crm import delivery
from worker.core.sending.pause import Stop
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.db.postgres import Pool, clock, transaction
from worker.store.sending import pauses


def noted(shop: Command, *options: str) -> list[tuple[Any, ...]]:
    return [
        (note["action"], note["subject"], note["before"], note["after"])
        for note in shop("audit", "--json", *options).json
    ]


def test_the_name_is_that_of_by_then_of_the_environment(shop: Command) -> None:
    shop("--by", "Олена", "trigger", "off", "acme", "order_created")
    shop("trigger", "on", "acme", "order_created", SMS_OPERATOR="Петро")
    shop("trigger", "off", "acme", "order_created")

    by = [note["by"] for note in shop("audit", "--json").json]
    assert by[1:] == ["Петро", "Олена"]
    assert by[0] not in {"", "Петро", "Олена", "unknown"}


def test_a_name_of_no_one_is_wrong_usage(shop: Command) -> None:
    result = shop("--by", " ", "trigger", "off", "acme", "order_created")

    assert (result.code, "--by" in result.err, noted(shop)) == (2, True, [])


def test_a_change_of_a_setting_is_noted_before_and_after(shop: Command) -> None:
    shop("account", "set", "acme", "--person-day", "7", "--alert-phone", "0671234567")

    [(action, subject, before, after)] = noted(shop)
    assert (action, subject, before) == ("settings", "acme", {"alert_phone": None, "person_day_max": 30000})
    assert after == {"alert_phone": "+38067***4567", "person_day_max": 7}


def test_what_changes_nothing_is_not_noted(shop: Command) -> None:
    shop("trigger", "on", "acme", "order_created")
    shop("account", "set", "acme", "--person-day", "0")
    shop("trigger", "off", "acme", "no_such_trigger")

    assert noted(shop) == []


def test_switching_and_setting_a_trigger_is_noted(shop: Command) -> None:
    shop("trigger", "off", "acme", "order_created")
    shop("trigger", "set", "acme", "order_created", "--if-unconfirmed", "resend")

    assert noted(shop, "--action", "trigger") == [
        ("trigger", "order_created", {"if_unconfirmed": "keep"}, {"if_unconfirmed": "resend"}),
        ("trigger", "order_created", {"switched_on": True}, {"switched_on": False}),
    ]


def test_a_text_is_noted_by_its_version(shop: Command) -> None:
    shop("template", "edit", "acme", "order_created", "--text", "Прийнято: {stock_orders_number_order_id}")
    shop("template", "set", "acme", "order_created", "--missing", "fail")
    shop("template", "add", "acme", "Знижка", "--section", "clients", "--text", "Для вас −10 %")
    shop("template", "delete", "acme", "Знижка", "--yes")

    notes = noted(shop, "--action", "template")
    assert [(subject, before, after) for _, subject, before, after in notes[-2:]] == [
        ("order_created", {"uk missing": "drop"}, {"uk missing": "fail"}),
        ("order_created", {"uk version": 1}, {"uk version": 2}),
    ]
    (_, name, gone, nothing), (_, _, before, added) = notes[:2]
    assert (name, nothing, before, added["uk version"]) == ("Знижка", None, None, 1)
    assert gone == added


def test_an_account_that_comes_or_goes_is_one_note(shop: Command) -> None:
    shop("account", "add", "beta", "--name", "Бета", "--sender", "BETA", "--token-file", "-", given="token-of-beta")
    shop("account", "token", "beta", "--token-file", "-", given="another")
    shop("account", "set", "beta", "--no-callback-secret")
    shop("account", "remove", "beta", "--yes")

    notes = noted(shop, "--account", "beta")
    assert [(action, subject) for action, subject, *_ in notes] == [
        ("account", "beta"),
        ("token", "beta, key of callbacks"),
        ("token", "beta"),
        ("account", "beta"),
    ]
    assert (notes[0][3], notes[-1][2]) == (None, None)
    assert "token-of-beta" not in str(notes)


def test_an_imported_file_is_noted_once_it_is_agreed_to(shop: Command) -> None:
    exported = shop("account", "export", "acme").out.replace("person_day: 30000", "person_day: 8")
    shop("account", "import", "-", "--dry-run", given=exported)
    assert noted(shop) == []

    shop("account", "import", "-", "--yes", given=exported)

    assert [(action, after) for action, _, _, after in noted(shop)] == [("settings", {"person_day_max": 8})]


def test_the_stop_list_is_noted_by_keys_of_phones(shop: Command) -> None:
    shop("suppression", "add", "acme", "067 123 45 67")
    shop("suppression", "erase", "acme", "067 123 45 67")
    shop("suppression", "remove", "acme", "067 123 45 67")
    shop("suppression", "export", "acme")

    notes = noted(shop)
    assert [action for action, *_ in notes] == ["phones_seen", "suppression", "suppression", "suppression"]
    assert len({subject for _, subject, *_ in notes[1:]}) == 1
    assert [after for *_, after in notes] == [
        {"phones": 0},
        {"phone": "removed"},
        {"phone": "erased"},
        {"scope": "all", "source": "operator"},
    ]
    assert "1234567" not in str(notes)


def test_a_dropped_letter_and_a_resumed_scope_are_noted(shop: Command, pool: Pool, intake: Intake) -> None:
    accept(intake, [delivery(b"{")])
    [letter] = shop("dead", "list", "--json").json
    with transaction(pool) as connection:
        pauses.pause(connection, "acme", Stop("account", "money", "provider"), now=clock(connection))

    shop("dead", "drop", str(letter["id"]), "--why", "test", "--yes")
    shop("account", "resume", "acme")

    assert noted(shop) == [
        ("resume", "account", None, None),
        ("dead_drop", f"letter {letter['id']}", None, {"reason": letter["reason"]}),
    ]

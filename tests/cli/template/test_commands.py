import pytest

from tests.cli.conftest import Command
from tests.support.crm import execute
from worker.core.texts.shortcodes import SECTIONS, SHORTCODES
from worker.core.triggers.catalogue import BY_ID, TRIGGERS
from worker.store.db.postgres import Pool


def test_every_text_of_an_account_is_listed_with_its_author(shop: Command) -> None:
    body = shop("template", "list", "acme", "--json").json

    assert {item["name"]: item["text"] for item in body} == {
        trigger.id: trigger.texts["uk"] for trigger in TRIGGERS if trigger.texts
    }
    assert {(item["locale"], item["version"], item["author"]) for item in body} == {("uk", 1, "perfectum-sms")}


def test_a_text_is_shown_alone_so_that_it_can_be_given_back(shop: Command) -> None:
    shown = shop("template", "show", "acme", "order_created")
    again = shop("template", "edit", "acme", "order_created", "--file", "-", given=shown.out)

    assert shown.out == BY_ID["order_created"].texts["uk"] + "\n"
    assert (again.code, "nothing changed" in again.err) == (0, True)


def test_an_older_version_is_shown_by_its_number(shop: Command) -> None:
    shop("template", "edit", "acme", "order_created", "--text", "Прийнято")

    assert shop("template", "show", "acme", "order_created", "--version", "1").out.startswith("Замовлення №")
    assert shop("template", "show", "acme", "order_created").out == "Прийнято\n"
    assert shop("template", "show", "acme", "order_created", "--version", "3").code == 3


def test_versions_show_author_time_and_difference(shop: Command) -> None:
    shop("template", "edit", "acme", "order_created", "--text", "Прийнято")

    newest, first = shop("template", "versions", "acme", "order_created", "--json").json
    shown = shop("template", "versions", "acme", "order_created")

    before = BY_ID["order_created"].texts["uk"]
    assert (newest["version"], newest["diff"]) == (2, [f"- {before}", "+ Прийнято"])
    assert (first["version"], first["author"], first["diff"]) == (1, "perfectum-sms", [f"+ {before}"])
    assert newest["author"] not in {"", "perfectum-sms"}
    assert newest["created_at"] > first["created_at"]
    assert f"- {before}\n+ Прийнято\n" in shown.out
    assert "template rollback acme order_created 1" in shown.err


def test_a_missing_language_is_exit_code_3_with_the_existing_ones(shop: Command) -> None:
    result = shop("template", "show", "acme", "order_created", "--locale", "pl")

    assert (result.code, "it is there in uk" in result.err) == (3, True)


def test_an_unknown_name_is_exit_code_3_and_the_nearest_is_named(shop: Command) -> None:
    result = shop("template", "show", "acme", "order_creatd")

    assert (result.code, "did you mean order_created?" in result.err) == (3, True)


def test_shortcodes_need_neither_settings_nor_a_database(bare: Command) -> None:
    body = bare("template", "shortcodes", "--json").json

    assert [item["code"] for item in body] == [f"{{{code}}}" for code in SHORTCODES]
    assert all(item["section_label"] and item["label"] and item["type"] and item["sample"] for item in body)
    assert body[0].keys() >= {"code", "section", "label", "type", "sample"}


def test_shortcodes_are_listed_by_section(bare: Command) -> None:
    body = bare("template", "shortcodes", "--section", "invoice", "-s", "payment", "--json").json

    assert {item["section"] for item in body} == {"invoice", "payment"}
    assert {item["section"] for item in bare("template", "shortcodes", "--json").json} == set(SECTIONS)


def test_shortcodes_are_listed_by_the_trigger_that_carries_them(bare: Command) -> None:
    body = bare("template", "shortcodes", "--trigger", "booking_confirmed", "--json").json

    assert {item["section"] for item in body} == set(BY_ID["booking_confirmed"].sections)


@pytest.mark.parametrize(
    ("option", "given", "near"), [("--section", "invoces", "invoice"), ("--trigger", "order_create", "order_created")]
)
def test_an_unknown_section_or_trigger_names_the_nearest(bare: Command, option: str, given: str, near: str) -> None:
    result = bare("template", "shortcodes", option, given, NO_COLOR="1", TERM="dumb", COLUMNS="300")

    assert (result.code, option in result.err, near in result.err) == (2, True, True)


def test_a_text_cannot_draw_on_the_terminal(shop: Command, pool: Pool) -> None:
    execute(pool, "UPDATE template_versions SET text = %s", "\x1b[31mчервоне\u202e")

    shown = [shop("template", name, "acme", *more).out for name, *more in (("list",), ("show", "order_created"))]

    assert not any("\x1b" in name or "\u202e" in name for name in shown)

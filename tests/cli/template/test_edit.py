from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.support.crm import SECRET, delivery, event, execute, person, rows
from worker.core.accounts.account import Account
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.accounts import secrets
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, transaction

EDIT = ("template", "edit", "acme")
ADD = ("template", "add", "acme", "Знижка", "--section", "clients")


def account(pool: Pool) -> Account:
    with transaction(pool) as connection:
        return ConfigurationCache().look(connection)[0].accounts["acme"]


def text(pool: Pool, trigger: str = "order_created", locale: str = "uk") -> str:
    return account(pool).switches[trigger].texts[locale].text


def test_a_new_text_is_a_new_version_and_counts_at_the_next_look(shop: Command, pool: Pool) -> None:
    result = shop(*EDIT, "order_created", "--text", "Прийнято, {stock_orders_firstname}")

    assert result.code == 0, result.err
    assert "version 2 is saved" in result.err
    assert "+ Прийнято, {stock_orders_firstname}" in result.err
    assert text(pool) == "Прийнято, {stock_orders_firstname}"


def test_a_shortcode_that_events_do_not_carry_is_named_once(shop: Command, pool: Pool) -> None:
    with transaction(pool) as connection:
        salt = secrets.salt(connection, Seal([SECRET]))
    event_of_today = event("order.created", recipients=[person("order", firstname="Олена")])
    accept(Intake(pool, ConfigurationCache(), salt), [delivery(event_of_today)])
    given = (*EDIT, "order_created", "--text")

    first = shop(*given, "{stock_orders_firstname}, ТТН {stock_orders_ttn}")
    second = shop(*given, "{stock_orders_firstname}, номер ТТН {stock_orders_ttn}")

    assert "carried a value for {stock_orders_ttn}." in first.err
    assert "carried a value" not in second.err


def test_a_text_comes_from_a_file_without_its_last_line_break(shop: Command, pool: Pool, tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text("Перший рядок\nдругий\n\n", encoding="utf-8")

    shop(*EDIT, "order_created", "--file", str(file))

    assert text(pool) == "Перший рядок\nдругий"


def test_a_text_that_does_not_lint_is_refused_with_carets(shop: Command, pool: Pool) -> None:
    before = text(pool)

    result = shop(*EDIT, "order_created", "--text", "Дякуємо, {stock_orders_firstnam}!")

    lines = result.err.splitlines()
    marked = next(nth for nth, line in enumerate(lines) if line.strip() == "Дякуємо, {stock_orders_firstnam}!")
    start = lines[marked].index("{")
    assert result.code == 1
    assert lines[marked + 1] == " " * start + "^" * len("{stock_orders_firstnam}")
    assert "{stock_orders_firstname}" in result.err
    assert text(pool) == before
    assert rows(pool, "SELECT max(version) FROM template_versions") == [(1,)]


def test_a_language_that_a_text_lacks_is_added(shop: Command, pool: Pool) -> None:
    shop(*EDIT, "order_created", "--locale", "pl", "--text", "Przyjęte")

    assert text(pool, locale="pl") == "Przyjęte"
    assert text(pool).startswith("Замовлення №")


def test_a_blank_text_switches_its_trigger_off(shop: Command, pool: Pool) -> None:
    result = shop(*EDIT, "order_created", "--text", " ")

    assert "off" in result.err
    assert "order_created" not in account(pool).switches


def test_a_language_is_a_known_code_of_two_letters(shop: Command) -> None:
    for locale in ("ukr", "UK", "xx", "u", "../"):
        given = ("--locale", locale, "--text", "x")
        result = shop(*EDIT, "order_created", *given, NO_COLOR="1", TERM="dumb", COLUMNS="300")

        assert (result.code, "--locale" in result.err, "two letters" in result.err) == (2, True, True), locale


def test_invisible_characters_of_a_text_are_not_kept(shop: Command, pool: Pool) -> None:
    shop(*EDIT, "order_created", "--text", "\u202eЗамовлення\u200b прийнято\x00\x1b\t!")

    assert text(pool) == "Замовлення прийнято !"


def test_an_older_text_counts_again_as_a_new_version(shop: Command, pool: Pool) -> None:
    first = text(pool)
    shop(*EDIT, "order_created", "--text", "Прийнято")

    result = shop("template", "rollback", "acme", "order_created", "1")

    assert "version 3 is saved" in result.err
    assert text(pool) == first
    assert len(shop("template", "versions", "acme", "order_created", "--json").json) == 3


def test_a_version_that_never_was_is_exit_code_3(shop: Command) -> None:
    result = shop("template", "rollback", "acme", "order_created", "7")

    assert (result.code, "the newest is 1" in result.err) == (3, True)


def test_without_a_terminal_a_text_must_be_given(shop: Command) -> None:
    result = shop(*EDIT, "order_created")

    assert (result.code, "--text or --file" in result.err) == (2, True)


def test_a_text_is_given_once(shop: Command) -> None:
    assert shop(*EDIT, "order_created", "--text", "x", "--file", "-", given="y").code == 2


def test_a_file_that_cannot_be_read_is_an_error(shop: Command, tmp_path: Path) -> None:
    file = tmp_path / "latin.txt"
    file.write_bytes(b"\x98\xff")

    result = shop(*EDIT, "order_created", "--file", str(file))

    assert (result.code, "cannot be read" in result.err) == (1, True)


def test_a_custom_template_has_a_name_a_description_a_section_and_a_text(shop: Command, pool: Pool) -> None:
    result = shop(*ADD, "--description", "До свят", "--text", "{contact_firstname}, для вас знижка")

    assert result.code == 0, result.err
    [value] = [item for item in shop("template", "list", "acme", "--json").json if item["is_custom"]]
    assert (value["name"], value["description"], value["section"], value["text"]) == (
        "Знижка",
        "До свят",
        "clients",
        "{contact_firstname}, для вас знижка",
    )
    assert account(pool).customs["Знижка"].section == "clients"


def test_the_section_of_a_custom_template_decides_its_shortcodes(shop: Command) -> None:
    refused = shop(*ADD, "--text", "Рахунок {invoice_number}")
    taken = shop("template", "add", "acme", "Рахунок", "--section", "invoice", "--text", "Рахунок {invoice_number}")

    assert (refused.code, "{invoice_number}" in refused.err, "^" in refused.err) == (1, True, True)
    assert taken.code == 0, taken.err


def test_a_custom_template_gets_another_text_language_and_description(shop: Command) -> None:
    shop(*ADD, "--text", "Знижка")
    shop(*EDIT, "Знижка", "--text", "Знижка 10 %")
    shop(*EDIT, "Знижка", "--locale", "en", "--text", "A discount")
    shop(*EDIT, "Знижка", "--description", "До свят")

    body = [item for item in shop("template", "list", "acme", "--json").json if item["is_custom"]]
    assert {item["locale"]: (item["version"], item["text"], item["description"]) for item in body} == {
        "uk": (2, "Знижка 10 %", "До свят"),
        "en": (1, "A discount", "До свят"),
    }


def test_a_section_that_its_text_does_not_fit_is_refused(shop: Command) -> None:
    shop(*ADD, "--text", "{contact_firstname}, знижка")

    result = shop(*EDIT, "Знижка", "--section", "orders")

    assert (result.code, "{contact_firstname}" in result.err) == (1, True)
    assert shop("template", "show", "acme", "Знижка", "--json").json["section"] == "clients"


def test_a_custom_template_is_taken_away_in_one_language_or_in_all(shop: Command, pool: Pool) -> None:
    shop(*ADD, "--text", "Знижка")
    shop(*EDIT, "Знижка", "--locale", "en", "--text", "A discount")

    shop("template", "delete", "acme", "Знижка", "--locale", "en", "--yes")
    left = rows(pool, "SELECT locale FROM templates WHERE name IS NOT NULL")
    shop("template", "delete", "acme", "Знижка", "--yes")

    assert left == [("uk",)]
    assert rows(pool, "SELECT locale FROM templates WHERE name IS NOT NULL") == []


#: A command, its exit code, and what is said.
IMPOSSIBLE = [
    (("add", "acme", "order_created", "--section", "orders", "--text", "x"), 2, "is a trigger's name"),
    (("add", "acme", " ", "--section", "orders", "--text", "x"), 2, "blank"),
    (("add", "acme", "Нова", "--text", "x"), 2, "--section"),
    (("add", "acme", "Нова", "--section", "orders", "--text", ""), 2, "needs a text"),
    (("add", "acme", "Знижка", "--section", "orders", "--text", "x"), 1, "is there already"),
    (("edit", "acme", "Знижка", "--text", ""), 1, "template delete"),
    (("edit", "acme", "order_created", "--description", "x"), 2, "is a trigger"),
    (("delete", "acme", "order_created", "--yes"), 2, "trigger off acme order_created"),
    (("delete", "acme", "Знижк", "--yes"), 3, "did you mean Знижка?"),
    (("delete", "acme", "Знижка"), 2, "--yes"),
]


def test_an_impossible_command_is_an_error_with_the_possible_ones(shop: Command, subtests: pytest.Subtests) -> None:
    shop(*ADD, "--text", "Знижка")
    before = shop("template", "list", "acme", "--json").json

    for command, code, sentence in IMPOSSIBLE:
        with subtests.test(" ".join(command)):
            result = shop("template", *command)

            assert (result.code, sentence in result.err) == (code, True), result.err
    assert shop("template", "list", "acme", "--json").json == before


def test_a_text_that_somebody_else_wrote_meanwhile_is_not_overwritten(
    shop: Command, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edited(text: str, **_: object) -> str:
        execute(
            pool,
            "INSERT INTO template_versions SELECT id, 2, 'Інше', 'somebody', now() FROM templates"
            " WHERE trigger = 'order_created'",
        )
        return text + "!"

    monkeypatch.setattr("worker.cli.template.edit.has_terminal", lambda: True)
    monkeypatch.setattr("click.edit", edited)

    result = shop(*EDIT, "order_created")

    assert (result.code, "Somebody else" in result.err) == (1, True)
    assert text(pool) == "Інше"


def test_a_missing_editor_is_an_error_with_a_fix(shop: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.cli.template.edit.has_terminal", lambda: True)

    result = shop(*EDIT, "order_created", EDITOR="/nowhere/at/all", VISUAL="")

    assert (result.code, "Set EDITOR" in result.err) == (1, True)


def test_an_editor_begins_with_the_text_and_may_try_again(
    shop: Command, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def edited(text: str, **_: object) -> str:
        seen.append(text)
        return "Прийнято {stock_orders_nothing}" if len(seen) == 1 else "Прийнято\n"

    monkeypatch.setattr("worker.cli.template.edit.has_terminal", lambda: True)
    monkeypatch.setattr("click.edit", edited)

    result = shop(*EDIT, "order_created", given="y\n")

    assert result.code == 0, result.err
    assert (seen[0].startswith("Замовлення №"), seen[1]) == (True, "Прийнято {stock_orders_nothing}")
    assert text(pool) == "Прийнято"


def test_a_custom_template_is_renamed_with_its_languages_and_versions(shop: Command, pool: Pool) -> None:
    shop(*ADD, "--text", "Для вас знижка")
    shop("template", "edit", "acme", "Знижка", "--locale", "en", "--text", "A discount for you")
    shop("template", "edit", "acme", "Знижка", "--text", "Для вас велика знижка")

    result = shop("template", "rename", "acme", "Знижка", "Знижка до свята")

    assert result.code == 0, result.err
    with transaction(pool) as connection:
        customs = ConfigurationCache().look(connection)[0].accounts["acme"].customs
    assert customs.keys() == {"Знижка до свята"}
    assert set(customs["Знижка до свята"].texts) == {"uk", "en"}
    assert len(shop("template", "versions", "acme", "Знижка до свята", "--json").json) == 2


#: A template, its new name, the exit code, and what is said.
REFUSED_NAMES = [
    ("Знижка", "order_created", 2, "is a trigger's name"),
    ("Знижка", " ", 2, "blank"),
    ("order_created", "Замовлення", 2, "is a trigger"),
    ("Знижка", "Інша", 1, "is there already"),
    ("Знижкаа", "Нова", 3, "did you mean Знижка?"),
]


def test_a_name_that_cannot_be_given_is_refused(shop: Command, subtests: pytest.Subtests) -> None:
    for called in ("Знижка", "Інша"):
        shop("template", "add", "acme", called, "--section", "clients", "--text", "x")

    for name, new, code, sentence in REFUSED_NAMES:
        with subtests.test(name, new=new):
            result = shop("template", "rename", "acme", name, new)

            assert (result.code, sentence in result.err) == (code, True), result.err


@pytest.mark.parametrize("section", ["clients", "Клієнти", "клієнти", "CLIENTS"])
def test_a_section_is_named_by_its_id_or_its_label(shop: Command, section: str) -> None:
    shop("template", "add", "acme", "Знижка", "--section", section, "--text", "{contact_firstname}")

    assert shop("template", "show", "acme", "Знижка", "--json").json["section"] == "clients"
    assert {item["section"] for item in shop("template", "shortcodes", "-s", section, "--json").json} == {"clients"}

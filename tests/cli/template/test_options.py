import pytest

from tests.cli.conftest import Command
from tests.support.crm import row, rows
from worker.core.accounts.account import Text
from worker.core.texts.viber_message import Button, Options
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Pool, transaction

SET = ("template", "set", "acme", "invoice_overdue_notice")


def text(pool: Pool) -> Text:
    with transaction(pool) as connection:
        account = ConfigurationCache().look(connection)[0].accounts["acme"]
    return account.switches["invoice_overdue_notice"].texts["uk"]


def test_a_text_rather_fails_than_leaves_a_hole(shop: Command, pool: Pool) -> None:
    results = [shop(*SET, "--missing", item).err for item in ("fail", "fail", "drop")]

    assert results == [
        "missing: was drop, is fail now\n",
        "invoice_overdue_notice was set so already: nothing changed.\n",
        "missing: was fail, is drop now\n",
    ]
    assert not text(pool).fails_on_holes


def test_viber_options_of_a_text_are_set_and_removed_singly(shop: Command, pool: Pool) -> None:
    shop(*SET, "--viber-ttl", "10m")
    shop(*SET, "--viber-button", "Сплатити", "--viber-link", "{invoice_link}")
    whole = text(pool).viber
    shop(*SET, "--viber-picture", "https://example.com/a.png", "--viber-ttl", "none")
    more = text(pool).viber
    shop(*SET, "--viber-button", "none", "--viber-picture", "none")

    button = Button("Сплатити", "{invoice_link}")
    assert whole == Options(ttl=600, button=button)
    assert more == Options(button=button, picture="https://example.com/a.png")
    assert text(pool).viber == Options()


def test_a_text_is_set_to_be_transactional(shop: Command, pool: Pool) -> None:
    result = shop(*SET, "--viber-transactional", "on")

    assert result.err == "viber: was none, is transactional True now\n"
    assert text(pool).viber == Options(transactional=True)


#: What is given, the exit code, and what is said.
INVALID = [
    ((), 2, "--missing fail"),
    (("--viber-ttl", "10s"), 2, "ttl"),
    (("--viber-ttl", "soon"), 2, "10m"),
    (("--viber-button", "Ж" * 31, "--viber-link", "https://example.com"), 2, "button.caption"),
    (("--viber-button", "Сплатити"), 2, "button.link"),
    (("--viber-link", "https://example.com"), 2, "--viber-button"),
    (("--viber-picture", "https://example.com/a.png"), 2, "picture"),
    (("--viber-button", "Сплатити", "--viber-link", "{invoice_lnk}"), 1, "{invoice_link}"),
    (("--missing", "guess"), 2, "drop"),
    (("--locale", "pl", "--missing", "fail"), 3, "no text in pl"),
]


def test_an_invalid_option_is_named_and_changes_nothing(shop: Command, pool: Pool, subtests: pytest.Subtests) -> None:
    for options, code, sentence in INVALID:
        with subtests.test(" ".join(options)):
            result = shop(*SET, *options, NO_COLOR="1", TERM="dumb", COLUMNS="300")

            assert (result.code, sentence in result.err) == (code, True), result.err
    assert row(pool, "SELECT count(*) FROM templates WHERE missing <> 'drop' OR viber <> '{}'") == (0,)


def test_a_custom_template_does_not_go_with_a_hole_unless_that_is_wanted(shop: Command, pool: Pool) -> None:
    for name, more in (("Рахунок", ()), ("Знижка", ("--missing", "drop"))):
        shop("template", "add", "acme", name, "--section", "invoice", "--text", "Рахунок {invoice_number}", *more)
    shop("template", "edit", "acme", "Рахунок", "--locale", "en", "--text", "Invoice {invoice_number}")

    kept = "SELECT name, locale, missing FROM templates WHERE name IS NOT NULL ORDER BY name, locale"
    assert rows(pool, kept) == [("Знижка", "uk", "drop"), ("Рахунок", "en", "fail"), ("Рахунок", "uk", "fail")]

"""Налаштування: each setting in a row, and changed on its own page, checked at its box."""

import html
import re
from decimal import Decimal

import pytest

from tests.support.crm import execute, row, rows
from tests.web.pages.conftest import ADMIN, AUDITOR, OPERATOR, Browser, Site
from worker.core.account_files.model import read_file
from worker.core.accounts.settings import BY_NAME, SETTINGS
from worker.core.clock.quiet_hours import Window
from worker.store.access.users import NewUser
from worker.store.accounts import account_settings
from worker.store.db.postgres import transaction

HERE = "/a/acme/settings"
SHOP = "<script>alert(1)</script>"
NO_PRICES = NewUser("taras", "admin", "acme", sees_phones=True, spends=True, sees_prices=False)


def before_of(browser: Browser, name: str) -> str:
    """What the form of a setting was opened with."""
    found = re.search('name="before" value="([^"]*)"', browser.read(f"{HERE}/{name}"))
    assert found
    return html.unescape(found[1])


def test_every_setting_has_one_row(admin: Browser) -> None:
    page = admin.read(HERE)

    assert [page.count(f'<tr id="{setting.name}">') for setting in SETTINGS] == [1] * len(SETTINGS)
    assert page.count(">Change<") == len(SETTINGS)


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("name", SHOP, SHOP),
        ("hours", "10:00-19:30", Window(600, 1170)),
        ("transliterate", "on", True),
        ("over_budget", "alert", "alert"),
        ("segment_price", "0,95", Decimal("0.95")),
        ("person_hour", " 20 ", 20),
        ("custom_shortcodes", "customers_kod, customers_bonus", ("customers_kod", "customers_bonus")),
        ("outcomes", "all", ("all",)),
        ("alert_phone", "067 123 45 67", "+380671234567"),
    ],
)
def test_a_setting_is_changed_and_noted(site: Site, admin: Browser, name: str, typed: str, kept: object) -> None:
    saved = admin.post(f"{HERE}/{name}", {"before": before_of(admin, name), "value": typed})

    assert saved.status_code == 303, saved.text
    with transaction(site.pool) as connection:
        assert getattr(account_settings.read(connection, "acme"), BY_NAME[name].attribute) == kept
    assert admin.user
    assert rows(site.pool, "SELECT done_by FROM audit WHERE action = 'settings'") == [(admin.user.as_operator,)]
    assert "<script>alert" not in admin.read(saved.headers["location"])


@pytest.mark.parametrize(
    ("name", "typed", "problem"),
    [
        ("name", " ", "must not be blank"),
        ("zone", "Kyiv/Mars", "is not an IANA time zone"),
        ("hours", "20:00-9:00", "write them as 9:00-20:00"),
        ("person_hour", "many", "valid integer"),
        ("rate", "nan", "is no number from"),
        ("key_life", "1s", "too short"),
        ("over_budget", "shout", "is not one of"),
        ("custom_shortcodes", "Код", "is no shortcode"),
        ("segment_price", SHOP, "is no price"),
        ("low_balance", "9" * 10_000, "is no sum"),
    ],
)
def test_what_is_wrong_is_said_at_the_box_and_stays_in_it(admin: Browser, name: str, typed: str, problem: str) -> None:
    before = before_of(admin, name)

    response = admin.post(f"{HERE}/{name}", {"before": before, "value": typed})

    assert response.status_code == 422
    assert problem in response.text.partition('id="value-error">')[2].partition("</p>")[0]
    assert "<script>alert" not in response.text
    assert f'name="before" value="{before}"' in response.text
    if name != "over_budget":
        assert f'value="{typed}"'.replace("<", "&lt;").replace(">", "&gt;") in response.text


def test_an_empty_box_takes_a_setting_away(site: Site, admin: Browser) -> None:
    execute(site.pool, "UPDATE accounts SET daily_segments = 500, outcomes = '{all}'")

    for name, before in (("daily_segments", "500"), ("outcomes", "all")):
        assert admin.post(f"{HERE}/{name}", {"before": before, "value": ""}).status_code == 303

    assert row(site.pool, "SELECT daily_segments, outcomes FROM accounts") == (None, [])


def test_a_budget_that_nobody_could_count_is_refused(site: Site, admin: Browser) -> None:
    response = admin.post(f"{HERE}/daily_budget", {"before": "", "value": "500"})

    assert (response.status_code, "what an SMS costs" in response.text) == (422, True)
    assert row(site.pool, "SELECT daily_budget FROM accounts") == (None,)


def test_who_saves_second_sees_what_the_first_saved(site: Site, admin: Browser) -> None:
    opened_with = before_of(admin, "person_hour")
    execute(site.pool, "UPDATE accounts SET person_hour_max = 30")

    second = admin.post(f"{HERE}/person_hour", {"before": opened_with, "value": "20"})

    assert second.status_code == 409
    assert ("<bdi>30</bdi>" in second.text, 'id="value" name="value" value="20"' in second.text) == (True, True)
    assert row(site.pool, "SELECT person_hour_max FROM accounts") == (30,)
    assert admin.post(f"{HERE}/person_hour", {"before": "30", "value": "20"}).status_code == 303
    assert row(site.pool, "SELECT person_hour_max FROM accounts") == (20,)


def test_a_phone_is_shown_by_its_ends_and_kept_where_nothing_was_typed(site: Site, admin: Browser) -> None:
    execute(site.pool, "UPDATE accounts SET alert_phone = '+380671234567'")
    page = admin.read(f"{HERE}/alert_phone")
    shown = before_of(admin, "alert_phone")

    admin.post(f"{HERE}/alert_phone", {"before": shown, "value": shown})

    assert ("+380671234567" in page + admin.read(HERE), shown.endswith("67")) == (False, True)
    assert row(site.pool, "SELECT alert_phone FROM accounts") == ("+380671234567",)


def test_money_is_for_who_sees_prices(site: Site) -> None:
    execute(site.pool, "UPDATE accounts SET segment_price = 0.87, daily_budget = 4321")
    browser = site.sign_in(NO_PRICES)

    page = browser.read(HERE)

    assert ("0.87" in page, "4,321" in page, "4321" in page) == (False, False, False)
    for name in ("segment_price", "daily_budget", "low_balance"):
        assert browser.get(f"{HERE}/{name}").status_code == 403
        assert browser.post(f"{HERE}/{name}", {"before": "", "value": "1"}).status_code == 403
    assert "4,321.00 UAH" in site.sign_in(ADMIN).read(HERE)


def test_who_only_looks_changes_nothing(site: Site) -> None:
    for who in (AUDITOR, OPERATOR):
        browser = site.sign_in(who)
        assert ">Change<" not in browser.read(HERE)
        assert browser.get(f"{HERE}/name").status_code == 403
        assert browser.post(f"{HERE}/name", {"before": "", "value": "x"}).status_code == 403


def test_what_has_a_page_of_its_own_is_changed_there(admin: Browser) -> None:
    assert admin.get(f"{HERE}/viber_instead").headers["location"] == "/a/acme/viber"
    assert admin.post(f"{HERE}/sender", {"value": "Shop"}).headers["location"] == "/a/acme/connection"
    assert admin.get(f"{HERE}/nothing").status_code == 404


def test_the_file_of_an_account_is_the_one_that_is_given_back(admin: Browser) -> None:
    admin.post(f"{HERE}/segment_price", {"before": before_of(admin, "segment_price"), "value": "0.95"})
    assert "acme/settings.yaml" in admin.read(HERE)

    response = admin.get(f"{HERE}.yaml")
    document = read_file(response.text)

    assert isinstance(document, tuple), document
    assert (document[0].account, document[0].settings()["segment_price"]) == ("acme", Decimal("0.95"))
    assert response.headers["content-disposition"].endswith("acme.yaml")


def test_a_file_holds_no_price_for_who_sees_none(site: Site) -> None:
    browser = site.sign_in(NO_PRICES)

    text = browser.get(f"{HERE}.yaml").text

    assert ("segment_price" in text, "daily_segments" in text) == (False, True)
    assert isinstance(read_file(text), tuple)


def test_a_file_is_for_who_may_set_an_account(site: Site) -> None:
    assert [site.sign_in(user).get(f"{HERE}.yaml").status_code for user in (AUDITOR, OPERATOR)] == [403, 403]

"""Підключення TurboSMS: the token is tried, sealed and never shown; the sender, the reports, a test SMS."""

import re

import pytest

from tests.support.crm import SECRET, TOKEN, execute, row, rows
from tests.support.simulated_provider import Provider
from tests.web.pages.conftest import AUDITOR, OPERATOR, Browser, Site
from worker.store.access.users import NewUser
from worker.store.accounts.sealed_places import token_of
from worker.store.accounts.secrets import Seal

HERE = "/a/acme/connection"


def token_in(site: Site) -> str:
    (sealed,) = row(site.pool, "SELECT token FROM accounts WHERE id = 'acme'")
    return Seal([SECRET]).open(bytes(sealed), token_of("acme"))


def test_the_steps_are_ticked_and_only_the_end_of_the_token_is_shown(admin: Browser) -> None:
    page = admin.read(HERE)

    assert "…a9b" not in page
    assert f"…{TOKEN[-4:]}" in page
    assert TOKEN not in page
    assert page.count(">done<") == 4


def test_a_token_is_tried_and_kept(site: Site, admin: Browser, provider: Provider) -> None:
    provider.account(token="another-token", balance="123.45")

    saved = admin.post(f"{HERE}/token", {"token": " another-token "})

    page = admin.read(saved.headers["location"])
    assert "there are 123.45 UAH on the account" in page
    assert token_in(site) == "another-token"
    assert admin.user
    noted = rows(site.pool, "SELECT done_by, before, after FROM audit WHERE action = 'token'")
    assert noted == [(admin.user.as_operator, None, None)]


@pytest.mark.parametrize("token", ["", "two words", "токен", "nobodys-token"])
def test_a_token_that_turbosms_does_not_take_changes_nothing(site: Site, admin: Browser, token: str) -> None:
    response = admin.post(f"{HERE}/token", {"token": token})

    assert response.status_code == 422
    assert re.search(r'id="token-error">(Paste|TurboSMS refuses)', response.text)
    assert token_in(site) == TOKEN


def test_a_token_is_kept_untried_where_turbosms_is_away(site: Site, admin: Browser, provider: Provider) -> None:
    provider.fault("http", status=500, times=None, match={"method": "user/balance"})

    saved = admin.post(f"{HERE}/token", {"token": "another-token"})

    assert "try the check later" in admin.read(saved.headers["location"])
    assert token_in(site) == "another-token"


def test_the_connection_is_checked(admin: Browser) -> None:
    checked = admin.post(f"{HERE}/check")

    assert "TurboSMS takes it" in admin.read(checked.headers["location"])


def test_a_sender_is_saved_or_refused_at_its_box(site: Site, admin: Browser) -> None:
    assert admin.post(f"{HERE}/sender", {"sender": "Крамниця"}).status_code == 422
    assert admin.post(f"{HERE}/sender", {"sender": "NewShop"}).status_code == 303

    assert row(site.pool, "SELECT sms_sender FROM accounts") == ("NewShop",)
    assert rows(site.pool, "SELECT after ->> 'sms_sender' FROM audit WHERE action = 'settings'") == [("NewShop",)]


def test_the_key_of_callbacks_is_kept_and_taken_away(site: Site, admin: Browser) -> None:
    assert "not taken" in admin.read(HERE)
    for key, is_kept in (("key-of-the-cabinet", True), ("", False)):
        assert admin.post(f"{HERE}/callbacks", {"callback_key": key}).status_code == 303
        assert row(site.pool, "SELECT callback_secret IS NOT NULL FROM accounts") == (is_kept,)
    assert admin.post(f"{HERE}/callbacks", {"callback_key": "ключ"}).status_code == 422


def test_a_test_sms_is_planned_once_however_often_the_form_is_sent(site: Site, admin: Browser) -> None:
    execute(site.pool, "UPDATE accounts SET window_opens = 0, window_closes = 1440")
    form = {"phone": "067 123 45 67", "text": "Перевірка", "key": "one"}

    first, second = (admin.post(f"{HERE}/test", form) for _ in range(2))

    assert (first.status_code, first.headers["location"]) == (303, second.headers["location"])
    assert rows(site.pool, "SELECT phone, text, state FROM notifications") == [
        ("+380671234567", "Перевірка", "planned")
    ]
    page = admin.read(first.headers["location"])
    assert ("Перевірка" in page, "+380671234567" in page, "Why so" in page) == (True, True, True)


@pytest.mark.parametrize("phone", ["", "123", "044 123"])
def test_what_is_no_phone_gets_no_test(admin: Browser, phone: str) -> None:
    assert admin.post(f"{HERE}/test", {"phone": phone, "key": "one"}).status_code == 422


def test_who_may_not_change_settings_or_spend_does_neither(site: Site) -> None:
    for who in (AUDITOR, OPERATOR):
        browser = site.sign_in(who)
        assert 'type="password"' not in browser.read(HERE)
        for action in ("token", "check", "sender", "senders", "callbacks", "callbacks/try", "test"):
            assert browser.post(f"{HERE}/{action}", {"phone": "0671234567", "token": "x"}).status_code == 403


def test_the_balance_is_for_who_sees_prices(site: Site, provider: Provider) -> None:
    provider.account(token="another-token", balance="123.45")
    browser = site.sign_in(NewUser("taras", "admin", "acme", sees_phones=True, spends=True, sees_prices=False))

    saved = browser.post(f"{HERE}/token", {"token": "another-token"})

    page = browser.read(saved.headers["location"])
    assert ("TurboSMS takes it" in page, "123.45" in page) == (True, False)


def test_senders_are_those_that_turbosms_tells_and_one_is_chosen(site: Site, admin: Browser) -> None:
    page = admin.post(f"{HERE}/senders").text
    assert ("<bdi>DemoShop</bdi>" in page, "in the national register" in page, ">chosen<" in page) == (True,) * 3

    execute(site.pool, "UPDATE accounts SET sms_sender = 'Other'")
    assert 'name="sender" value="DemoShop"' in admin.post(f"{HERE}/senders").text


def test_why_senders_are_not_known_is_said(admin: Browser, provider: Provider) -> None:
    provider.fault("code", code=300, times=None, match={"method": "senders/list"})

    response = admin.post(f"{HERE}/senders")

    assert (response.status_code, "does not tell its senders now (code 300)" in response.text) == (422, True)

"""Пробна SMS: the saved text goes to one's own phone at once, or says why not."""

import pytest

from tests.support.crm import add_account, execute, row, rows
from tests.support.simulated_provider import Provider
from tests.web.pages.conftest import AUDITOR, OPERATOR, Browser, Site

HERE = "/a/acme/triggers/order_created/trial"
PHONE = {"phone": "050 111 22 33"}


def test_it_goes_at_once_and_stands_in_the_history(site: Site, admin: Browser, provider: Provider) -> None:
    done = admin.post(HERE, PHONE)

    assert "look at your phone" in admin.read(done.headers["location"])
    assert len(provider.messages()) == 1
    [sent] = rows(site.pool, "SELECT trigger, phone, state FROM notifications")
    assert sent == ("test_send", "+380501112233", "accepted")


@pytest.mark.parametrize("phone", ["", "044 123 45 67", "<script>"])
def test_what_is_no_phone_is_said_at_its_box(site: Site, admin: Browser, phone: str) -> None:
    response = admin.post(HERE, {"phone": phone})

    assert (response.status_code, 'id="phone-error"' in response.text) == (422, True)
    assert rows(site.pool, "SELECT * FROM notifications") == []


def test_what_holds_it_back_is_said(admin: Browser, provider: Provider) -> None:
    provider.fault("code", code=203)
    assert "was not sent" in admin.post(HERE, PHONE).text
    admin.post(HERE.removesuffix("/trial"), {"text": "", "locale": "uk", "version": "1"})
    assert "The text is blank" in admin.post(HERE, PHONE).text


def test_without_a_token_nothing_is_tried(site: Site, admin: Browser) -> None:
    execute(site.pool, "UPDATE accounts SET token = 'x'")

    assert "There is no token yet" in admin.post(HERE, PHONE).text


def test_who_does_not_spend_tries_nothing(site: Site, admin: Browser) -> None:
    add_account(site.pool, "beta")

    assert [site.sign_in(who).post(HERE, PHONE).status_code for who in (OPERATOR, AUDITOR)] == [403, 403]
    assert admin.post(HERE.replace("order_created", "nothing"), PHONE).status_code == 404
    assert row(site.pool, "SELECT count(*) FROM notifications") == (0,)

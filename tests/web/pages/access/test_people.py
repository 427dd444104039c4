"""Люди: invited with no more rights than who invites has, signed out and removed."""

import re

from tests.support.crm import row, rows
from tests.web.pages.conftest import ADMIN, AUDITOR, OPERATOR, PASSWORD, Browser, Site
from worker.store.access.users import NewUser

HERE = "/a/acme/people"
YURII = {"name": "yurii", "sees_prices": "on"}


def link_in(page: str) -> str:
    found = re.search(r"<code>http://[\d.:]+(/entry/[\w-]+)</code>", page)
    assert found, page
    return found[1]


def test_somebody_is_invited_and_enters(site: Site, admin: Browser) -> None:
    page = admin.post(HERE, YURII).text

    entered = site.nobody().post(link_in(page), {"password": PASSWORD, "again": PASSWORD})

    assert entered.status_code == 303
    kept = "SELECT role, account, sees_phones, spends, sees_prices FROM users WHERE name = 'yurii'"
    assert row(site.pool, kept) == ("admin", "acme", False, False, True)
    assert link_in(page) not in admin.read(HERE)


def test_nobody_gives_rights_that_they_have_not(site: Site) -> None:
    weak = site.sign_in(NewUser("weak", "admin", "acme", sees_phones=False, spends=False, sees_prices=True))

    assert weak.post(HERE, {**YURII, "sees_phones": "on"}).status_code == 422
    assert weak.post(HERE, YURII).status_code == 200


def test_nobody_becomes_somebody_with_more_rights_by_a_new_link(site: Site, admin: Browser) -> None:
    operator = site.sign_in(OPERATOR)
    assert admin.user

    for action in ("link", "sign-out", "remove"):
        assert operator.post(f"{HERE}/{admin.user.id}/{action}").status_code == 404
    assert 'value="New link"' not in operator.read(HERE)


def test_somebody_is_signed_out_and_removed(site: Site, admin: Browser) -> None:
    other = site.sign_in(NewUser("other", "admin", "acme", sees_phones=True, spends=True, sees_prices=True))
    assert other.user

    ended = admin.post(f"{HERE}/{other.user.id}/sign-out")
    assert "Ended 1 session" in admin.read(ended.headers["location"])
    assert other.get(HERE).headers["location"].startswith("/sign-in")
    assert "/entry/" in admin.post(f"{HERE}/{other.user.id}/link").text
    admin.post(f"{HERE}/{other.user.id}/remove")

    assert rows(site.pool, "SELECT name FROM users") == [(ADMIN.name,)]


def test_nobody_ends_themselves_or_who_is_not_there(admin: Browser) -> None:
    assert admin.user
    for user in (str(admin.user.id), "0", "x"):
        assert admin.post(f"{HERE}/{user}/remove").status_code == 404


def test_a_name_that_cannot_be_is_refused(admin: Browser) -> None:
    for name, wrong in (("", "write a name"), ("OLENA", "called so already")):
        assert wrong in admin.post(HERE, {"name": name}).text


def test_an_auditor_manages_nobody(site: Site) -> None:
    browser = site.sign_in(AUDITOR)

    assert (browser.get(HERE).status_code, browser.post(HERE, YURII).status_code) == (403, 403)


def test_who_may_not_set_an_account_makes_nobody_who_may(site: Site) -> None:
    operator = site.sign_in(OPERATOR)

    assert operator.post(HERE, {"name": "yurii"}).status_code == 422
    assert rows(site.pool, "SELECT name FROM users WHERE name = 'yurii'") == []
    weak = site.sign_in(NewUser("weak", "admin", "acme", sees_phones=False, spends=False, sees_prices=False))
    assert weak.user
    assert operator.post(f"{HERE}/{weak.user.id}/link").status_code == 404

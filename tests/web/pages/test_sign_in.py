"""Who signs in: by a one-time link first, by a password then; slower with each wrong one."""

import re

import pytest

from tests.support.crm import execute, row, rows
from tests.web.pages.conftest import ADMIN, PASSWORD, Browser, Site
from worker.steps.access import users as people
from worker.store.access.users import by_name
from worker.store.db.postgres import clock, transaction
from worker.web.pages.access import sign_in
from worker.web.pages.access.attempts import FREE, Attempts


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "ATTEMPTS", Attempts())


@pytest.fixture
def link(site: Site) -> str:
    with transaction(site.pool) as connection:
        invited = people.invite(connection, ADMIN, by="test", now=clock(connection))
    assert invited
    return f"/entry/{invited.secret}"


def entered(site: Site, link: str) -> Browser:
    browser = site.nobody()
    response = browser.post(link, {"password": PASSWORD, "again": PASSWORD, "language": "en"})
    assert (response.status_code, response.headers["location"]) == (303, "/")
    return browser


def test_a_link_lets_somebody_choose_a_password_and_signs_them_in(site: Site, link: str) -> None:
    browser = site.nobody()
    assert "Welcome, olena" in browser.read(link)

    browser = entered(site, link)

    assert browser.get("/").headers["location"] == "/a/acme/overview"
    assert row(site.pool, "SELECT invitation_hash, language FROM users") == (None, "en")


def test_a_link_works_once(site: Site, link: str) -> None:
    entered(site, link)

    again = site.nobody().post(link, {"password": PASSWORD, "again": PASSWORD})

    assert again.status_code == 410
    assert "was used" in again.text


def test_a_link_is_over_after_three_days(site: Site, link: str) -> None:
    execute(site.pool, "UPDATE users SET invited_until = clock_timestamp() - interval '1 s'")

    assert site.nobody().get(link).status_code == 410


@pytest.mark.parametrize(
    ("password", "again", "wrong"),
    [
        ("short", "short", "at least 12 characters"),
        (PASSWORD, "another one entirely", "are not the same"),
        ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "too easy to guess"),
    ],
)
def test_a_password_that_is_no_good_is_refused_at_its_box(
    site: Site, link: str, password: str, again: str, wrong: str
) -> None:
    response = site.nobody().post(link, {"password": password, "again": again})

    assert response.status_code == 422
    assert re.search(rf'id="password-error">[^<]*{wrong}', response.text)
    assert row(site.pool, "SELECT password_hash FROM users") == (None,)


def test_a_password_signs_in_and_leads_where_one_wanted_to_go(site: Site, link: str) -> None:
    entered(site, link)
    browser = site.nobody()
    there = browser.get("/a/acme/triggers?state=on").headers["location"]

    response = browser.post(there, {"name": "Olena ", "password": PASSWORD})

    assert (response.status_code, response.headers["location"]) == (303, "/a/acme/triggers?state=on")
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


@pytest.mark.parametrize("address", ["//evil.example", "https://evil.example", "/\\evil.example", "evil"])
def test_nobody_is_led_to_another_site(site: Site, link: str, address: str) -> None:
    entered(site, link)

    response = site.nobody().post(f"/sign-in?next={address}", {"name": "olena", "password": PASSWORD})

    assert response.headers["location"] == "/"


def test_a_wrong_name_and_a_wrong_password_are_answered_alike(site: Site, link: str) -> None:
    entered(site, link)

    answers = [
        site.nobody().post("/sign-in", {"name": name, "password": password})
        for name, password in (("olena", "not the right one"), ("nobody", PASSWORD))
    ]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[0].text.replace("olena", "nobody") == answers[1].text


def test_wrong_passwords_make_the_next_attempt_wait_even_with_the_right_one(site: Site, link: str) -> None:
    entered(site, link)
    browser = site.nobody()
    for _attempt in range(FREE):
        assert browser.post("/sign-in", {"name": "olena", "password": "wrong"}).status_code == 403

    response = browser.post("/sign-in", {"name": "OLENA", "password": PASSWORD})

    assert response.status_code == 429
    assert "Too many attempts" in response.text


def test_who_signs_out_is_out(site: Site, admin: Browser) -> None:
    assert admin.post("/sign-out").headers["location"] == "/sign-in"

    admin.client.cookies.set("session", "a session of olena")
    assert admin.get("/").headers["location"] == "/sign-in"
    assert rows(site.pool, "SELECT * FROM sessions") == []


def test_a_session_ends_where_it_was_not_used_for_long(site: Site, admin: Browser) -> None:
    execute(site.pool, "UPDATE sessions SET used_at = used_at - interval '13 h'")

    assert admin.get("/").headers["location"] == "/sign-in"


def test_a_session_ends_after_a_week_however_much_it_is_used(site: Site, admin: Browser) -> None:
    execute(site.pool, "UPDATE sessions SET began_at = began_at - interval '8 days'")

    assert admin.get("/").headers["location"] == "/sign-in"


def test_a_new_link_does_not_end_the_old_password_until_it_is_used(site: Site, link: str) -> None:
    entered(site, link)
    with transaction(site.pool) as connection:
        known = by_name(connection, "olena")
        assert known
        people.invite_again(connection, known.user, by="test", now=clock(connection))

    assert site.nobody().post("/sign-in", {"name": "olena", "password": PASSWORD}).status_code == 303


def test_where_nobody_was_invited_the_page_says_how(site: Site) -> None:
    assert "perfectum-sms user add" in site.nobody().read("/sign-in")


def test_the_language_is_kept_with_the_person(site: Site, admin: Browser) -> None:
    assert admin.post("/language", {"language": "uk", "next": "/"}).status_code == 303

    assert row(site.pool, "SELECT language FROM users") == ("uk",)


def test_a_language_that_nobody_speaks_is_refused(site: Site, admin: Browser) -> None:
    before = row(site.pool, "SELECT language FROM users")

    assert admin.post("/language", {"language": "xx", "next": "/"}).status_code == 422
    assert row(site.pool, "SELECT language FROM users") == before


def test_a_first_entry_in_an_unknown_language_leaves_the_link_as_it_was(site: Site, link: str) -> None:
    form = {"password": PASSWORD, "again": PASSWORD, "language": "xx"}

    response = site.nobody().post(link, form)

    assert (response.status_code, 'id="language-error"' in response.text) == (422, True)
    assert row(site.pool, "SELECT invitation_hash IS NOT NULL FROM users") == (True,)

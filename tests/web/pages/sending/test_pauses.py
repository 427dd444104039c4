"""Паузи: stopped until a moment, and let go on."""

import pytest

from tests.support.crm import execute, row, rows
from tests.web.pages.conftest import AUDITOR, OPERATOR, Browser, Site

HERE = "/a/acme/pauses"
BIRTHDAYS = {"what": "trigger/contact_birthday", "until": "2030-12-02T00:00", "note": "хибна ціна"}


def test_birthdays_are_stopped_until_a_moment_and_let_go_on(site: Site, admin: Browser) -> None:
    assert "Nothing is paused" in admin.read(HERE)
    response = admin.post(HERE, BIRTHDAYS)
    page = admin.read(response.headers["location"])

    assert ("Привітання з днем народження" in page, "хибна ціна" in page) == (True, True)
    until = "SELECT scope, until AT TIME ZONE 'Europe/Kyiv' FROM pauses"
    assert [str(part) for part in row(site.pool, until)] == ["hand/trigger/contact_birthday", "2030-12-02 00:00:00"]
    ended = admin.post(f"{HERE}/end", {"scope": "hand/trigger/contact_birthday"})
    assert "It goes on" in admin.read(ended.headers["location"])
    assert rows(site.pool, "SELECT * FROM pauses") == []
    assert admin.post(f"{HERE}/end", {"scope": "hand/trigger/contact_birthday"}).status_code == 404


def test_what_paused_itself_is_let_go_on(site: Site, admin: Browser) -> None:
    execute(
        site.pool,
        "INSERT INTO pauses (account, scope, reason, since, paused_by) VALUES ('acme', 'account', 'money', now(), 'x')",
    )
    assert "all SMS of the account" in admin.read(HERE)

    assert admin.post(f"{HERE}/end", {"scope": "account"}).status_code == 303
    assert rows(site.pool, "SELECT * FROM pauses") == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("what", "trigger/nothing"),
        ("what", "lane/slow"),
        ("what", "channel/pigeon"),
        ("what", "a/b/c"),
        ("until", "2020-01-01T00:00"),
        ("until", "soon"),
        ("note", "н" * 501),
    ],
)
def test_a_pause_that_cannot_be_is_refused_at_its_box(site: Site, admin: Browser, field: str, value: str) -> None:
    response = admin.post(HERE, {**BIRTHDAYS, field: value})

    assert (response.status_code, f'id="{field}-error"' in response.text) == (422, True)
    assert rows(site.pool, "SELECT * FROM pauses") == []


def test_an_operator_stops_and_an_auditor_does_not(site: Site) -> None:
    assert site.sign_in(OPERATOR).post(HERE, BIRTHDAYS).status_code == 303
    assert site.sign_in(AUDITOR).post(HERE, BIRTHDAYS).status_code == 403


@pytest.mark.parametrize("scope", ["", "hand/a/b/c", "person/zz", "hand/lane/bulk"])
def test_what_is_not_paused_is_not_there(admin: Browser, scope: str) -> None:
    assert admin.post(f"{HERE}/end", {"scope": scope}).status_code == 404

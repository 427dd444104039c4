"""Крім слів: the rule for missing values and what Viber shows, kept or refused at its box."""

from typing import Any

import pytest

from tests.support.crm import row
from tests.web.pages.conftest import AUDITOR, Browser, Site

HERE = "/a/acme/triggers/invoice_overdue_notice/options"
KEPT = "SELECT missing, viber FROM templates WHERE trigger = 'invoice_overdue_notice' AND locale = 'uk'"
GIVEN: dict[str, Any] = {
    "missing": "fail",
    "ttl": "10",
    "caption": "Сплатити",
    "link": "{invoice_link}",
    "picture": "https://crm.example.com/a.png",
}


def test_what_a_text_asks_for_is_kept_and_taken_away(site: Site, admin: Browser) -> None:
    admin.post(HERE, GIVEN)

    button = {"caption": "Сплатити", "link": "{invoice_link}"}
    assert row(site.pool, KEPT) == ("fail", {"ttl": 600, "button": button, "picture": GIVEN["picture"]})
    page = admin.read(HERE)
    assert ('value="10"' in page, 'value="Сплатити"' in page) == (True, True)
    admin.post(HERE, {"missing": "drop", "transactional": "on"})
    assert row(site.pool, KEPT) == ("drop", {"transactional": True})
    assert row(site.pool, "SELECT count(*) FROM audit WHERE action = 'template' AND done_by LIKE 'user/%%'") == (2,)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"missing": "x"}, "missing"),
        ({"ttl": "0"}, "ttl"),
        ({"ttl": "1441"}, "ttl"),
        ({"ttl": "soon"}, "ttl"),
        ({"caption": "x" * 31}, "caption"),
        ({"caption": "{invoice_number}"}, "caption"),
        ({"link": ""}, "link"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"link": "{nothing}"}, "link"),
        ({"picture": "file"}, "picture"),
        ({"caption": "", "link": ""}, "picture"),
        ({"transactional": "on"}, "transactional"),
    ],
)
def test_what_turbosms_would_refuse_is_said_at_its_box(
    site: Site, admin: Browser, changes: dict[str, str], field: str
) -> None:
    response = admin.post(HERE, {**GIVEN, **changes})

    assert (response.status_code, f'href="#{field}"' in response.text) == (422, True)
    assert f'id="{field}-error"' in response.text
    assert row(site.pool, KEPT) == ("drop", None)


def test_an_auditor_looks_and_nothing_else_is_there(site: Site, admin: Browser) -> None:
    auditor = site.sign_in(AUDITOR)

    assert 'button class="main"' not in auditor.read(HERE)
    assert auditor.post(HERE, GIVEN).status_code == 403
    for wrong in ("nothing", "sms_send_requested"):
        there = HERE.replace("invoice_overdue_notice", wrong)
        assert [admin.get(there).status_code, admin.post(there, GIVEN).status_code] == [404, 404]
    assert admin.get(f"{HERE}?locale=en").status_code == 404


def test_options_of_an_unknown_language_are_refused(site: Site, admin: Browser) -> None:
    before = row(site.pool, KEPT)

    response = admin.post(HERE, {**GIVEN, "locale": "xx"})

    assert (response.status_code, "Choose something from the list" in response.text) == (422, True)
    assert row(site.pool, KEPT) == before

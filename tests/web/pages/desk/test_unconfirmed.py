"""Можливо надіслані: somebody says that they went, or sends them again."""

import re

import pytest

from tests.support.crm import delivery, event, execute, person, rows
from tests.web.pages.conftest import OPERATOR, Browser, Site
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake

HERE = "/a/acme/unconfirmed"
LOST = """
UPDATE notifications SET state = 'unconfirmed', reason = 'key_expired', due_at = NULL, attempt = 'x',
attempt_month = month
"""


@pytest.fixture
def lost(intake: Intake) -> None:
    order = {"id": "1", "number": "A-1", "version": 1}
    accept(intake, [delivery(event("order.created", recipients=[person("order")], order=order))])
    execute(intake.pool, LOST)


def ids(page: str) -> list[str]:
    return re.findall(r'name="text" value="([^"]+)"', page)


@pytest.mark.usefixtures("lost")
@pytest.mark.parametrize(
    ("act", "state", "said"), [("sent", "sent", "counts as sent"), ("resend", "planned", "goes again")]
)
def test_somebody_decides(site: Site, admin: Browser, act: str, state: str, said: str) -> None:
    page = admin.read(HERE)
    assert "perhaps sent" in page

    done = admin.post(HERE, {"text": ids(page), "act": act})

    assert said in admin.read(done.headers["location"])
    assert rows(site.pool, "SELECT state FROM notifications") == [(state,)]
    again = admin.post(HERE, {"text": ids(page), "act": act})
    assert "decided by somebody else" in admin.read(again.headers["location"])


@pytest.mark.usefixtures("lost")
def test_who_does_not_spend_may_say_that_it_went_and_no_more(site: Site) -> None:
    operator = site.sign_in(OPERATOR)
    page = operator.read(HERE)

    assert ("Замовлення" in page, operator.post(HERE, {"text": ids(page), "act": "resend"}).status_code) == (False, 403)
    assert operator.post(HERE, {"text": ids(page), "act": "sent"}).status_code == 303


def test_nothing_ticked_changes_nothing(admin: Browser) -> None:
    assert "Nothing is unconfirmed" in admin.read(HERE)
    for texts in ([], ["x", "2026-13/1", "2026-11/7"]):
        assert "Tick some" in admin.read(admin.post(HERE, {"text": texts, "act": "sent"}).headers["location"])


@pytest.mark.usefixtures("lost")
def test_what_is_to_be_done_is_said_or_nothing_is_done(site: Site, admin: Browser) -> None:
    response = admin.post(HERE, {"text": ids(admin.read(HERE)), "act": "x"})

    assert response.status_code == 422
    assert rows(site.pool, "SELECT state FROM notifications") == [("unconfirmed",)]

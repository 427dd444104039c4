"""Огляд: what waits, what it cost, how long the money lasts."""

from tests.support.crm import delivery, event, execute, person
from tests.web.pages.conftest import AUDITOR, Browser, Site
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake

HERE = "/a/acme/overview"


def test_where_nothing_waits_it_says_so(admin: Browser) -> None:
    assert "Nothing waits" in admin.read(HERE)


def test_what_waits_says_for_what_and_until_when(site: Site, intake: Intake, admin: Browser) -> None:
    accept(intake, [delivery(event("order.created", recipients=[person("order")]))])
    execute(site.pool, "UPDATE notifications SET state = 'postponed', reason = 'quiet_hours', due_at = now() + '1 h'")

    page = admin.read(HERE)

    assert ("SMS that wait" in page, "hours" in page) == (True, True)


def test_pauses_are_named(site: Site, admin: Browser) -> None:
    admin.post("/a/acme/pauses", {"what": "trigger/contact_birthday"})

    page = admin.read(HERE)

    assert ("Привітання з днем народження" in page, "somebody paused it" in page) == (True, True)
    assert site.pool


def test_who_may_not_see_money_sees_none(site: Site) -> None:
    assert "UAH" not in site.sign_in(AUDITOR).read(HERE)

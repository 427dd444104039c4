"""Події CRM: what was published, and what came of each."""

import pytest

from tests.support.crm import Json, add_account, delivery, event, execute, person
from tests.web.pages.conftest import AUDITOR, Browser, Site
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake

HERE = "/a/acme/events"


def ordered() -> Json:
    return event("order.created", recipients=[person("order")])


def test_an_event_is_listed_and_tells_its_texts(intake: Intake, admin: Browser) -> None:
    assert "published nothing yet" in admin.read(HERE)
    body = ordered()
    accept(intake, [delivery(body)])

    assert str(body["id"]) in admin.read(HERE, type="order.created", outcome="planned")
    assert "found by these filters" in admin.read(HERE, outcome="switched_off")
    page = admin.read(f"{HERE}/one", id=body["id"])

    assert ("led to notifications" in page, "+380671234567" in page) == (True, True)


def test_an_event_that_was_refused_says_why(site: Site, intake: Intake, admin: Browser) -> None:
    body = ordered()
    del body["data"]["order"]
    accept(intake, [delivery(body)])

    assert "It was refused." in admin.read(f"{HERE}/one", id=body["id"])
    add_account(site.pool, "beta")
    assert site.sign_in(AUDITOR).get("/a/beta/events/one", params={"id": body["id"]}).status_code == 404


@pytest.mark.parametrize(
    "query", ["type=x", "outcome=x", "since=yesterday", "after=AAAA", "since=2026-12-02&until=2026-11-01"]
)
def test_a_filter_that_finds_nothing_ever_is_refused(admin: Browser, query: str) -> None:
    assert admin.get(f"{HERE}?{query}").status_code == 422


@pytest.mark.parametrize("event_id", ["", "nothing", "x" * 10_000, "<script>", "\u202e"])
def test_what_is_no_event_is_not_there(admin: Browser, event_id: str) -> None:
    assert admin.get(f"{HERE}/one", params={"id": event_id}).status_code == 404


def test_who_sees_no_texts_sees_none_here(site: Site, intake: Intake) -> None:
    body = ordered()
    accept(intake, [delivery(body)])
    execute(site.pool, "UPDATE notifications SET text = 'Олено, замовлення прийнято'")

    page = site.sign_in(AUDITOR).read(f"{HERE}/one", id=body["id"])

    assert ("Олено" in page, "+38067***4567" in page) == (False, True)

"""Згоди: who agreed to advertising, and by which event."""

from tests.support.crm import delivery, event
from tests.web.pages.conftest import Browser
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake

HERE = "/a/acme/consents"


def test_a_consent_stands_with_the_event_that_proves_it(intake: Intake, admin: Browser) -> None:
    assert "consent was recorded" in admin.read(HERE)
    body = event("contact.saved", contact={"id": "17", "version": 1, "consent": True}, recipients=[])
    accept(intake, [delivery(body)])

    page = admin.read(HERE, person="17")

    assert ("contact 17" in page, str(body["id"]) in page, "given" in page) == (True, True, True)
    assert "contact 17" not in admin.read(HERE, person="18")
    assert admin.get(HERE, params={"person": "1" * 101}).status_code == 422

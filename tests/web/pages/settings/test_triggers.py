"""Події: what an admin sees and switches."""

from tests.support.crm import row, rows
from tests.web.pages.conftest import AUDITOR, Browser, Site
from worker.core.triggers.catalogue import TRIGGERS

HERE = "/a/acme/triggers"


def test_every_event_of_the_settings_page_is_listed_in_its_words(admin: Browser) -> None:
    page = admin.read(HERE)

    assert [trigger.id for trigger in TRIGGERS if not trigger.is_free and f">{trigger.label}</a>" not in page] == []


def test_an_event_is_switched_and_the_audit_names_who_did_it(site: Site, admin: Browser) -> None:
    for is_on in ("off", "on"):
        response = admin.post(HERE, {"trigger": "order_created", "switch": is_on})
        assert (response.status_code, response.headers["location"]) == (303, HERE)
        page = admin.read(HERE)
        assert f"Switched {is_on}: " in page

    assert f"Switched {is_on}: " not in admin.read(HERE)
    assert row(site.pool, "SELECT switched_on FROM triggers WHERE trigger = 'order_created'") == (True,)
    assert admin.user
    assert rows(site.pool, "SELECT done_by, subject FROM audit WHERE action = 'trigger' AND done_by LIKE 'user/%'") == (
        [(f"user/{admin.user.id} olena", "order_created")] * 2
    )


def test_an_event_that_is_not_there_is_not_switched(admin: Browser) -> None:
    assert admin.post(HERE, {"trigger": "nothing", "switch": "on"}).status_code == 404


def test_an_auditor_looks_and_switches_nothing(site: Site) -> None:
    browser = site.sign_in(AUDITOR)

    assert "Switch off" not in browser.read(HERE)
    assert browser.post(HERE, {"trigger": "order_created", "switch": "off"}).status_code == 403

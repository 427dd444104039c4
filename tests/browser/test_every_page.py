"""Every page of the catalogue, as it is before anything was typed: readable by all, in both themes, however narrow."""

import re

import pytest

from tests.browser.conftest import NARROW, WIDE, Seats
from tests.support.crm import delivery, event, person, row
from tests.web.pages.conftest import Site
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.web.pages.catalogue import PAGES

#: What stands for each parameter of an address; of a text it is one that was planned.
PARAMETERS = {"account": "acme", "setting": "name", "trigger": "order_created", "client": "5"}
JOB = """
INSERT INTO jobs (account, action, asked_by, asked_at, items, done, counts, state, settled_at)
VALUES ('acme', 'cancel', 'x', now(), ARRAY[%s], 1, '{"cancelled": 1}', 'finished', now())
RETURNING id::text
"""
#: Parts of pages, and files.
NO_PAGES = {"palette", "export_history", "export_client_sms", "export_stop_list", "export_spending"}
#: Where nobody has signed in.
ENTRANCES = {"show_sign_in", "enter"}
LOOKED_AT = sorted(page.name for page in PAGES if page.method == "GET" and page.name not in NO_PAGES | ENTRANCES)
BY_NAME = {page.name: page for page in PAGES}


@pytest.fixture
def addresses(site: Site, intake: Intake) -> dict[str, str]:
    order = {"id": "1", "number": "A-1", "version": 1}
    body = event("order.created", recipients=[person("order", firstname="Олена")], order=order, client={"id": "5"})
    accept(intake, [delivery(body), delivery(b"{", key="acme.order.created")])
    month, number = row(site.pool, "SELECT to_char(month, 'YYYY-MM'), id::text FROM notifications")
    (letter,) = row(site.pool, "SELECT id::text FROM dead_letters")
    (job,) = row(site.pool, JOB, f"{month}/{number}")
    known = {**PARAMETERS, "month": month, "number": number, "letter": letter, "job": job}
    found = {name: re.sub(r"\{(\w+)(:\w+)?\}", lambda found: known[found[1]], BY_NAME[name].path) for name in LOOKED_AT}
    return {**found, "crm_event": f"{found['crm_event']}?id={body['id']}"}


@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_page_is_readable_by_all(seats: Seats, addresses: dict[str, str], name: str) -> None:
    admin = seats.sit()

    admin.go(addresses[name])

    assert admin.violations() == []
    assert admin.page.locator("h1").count() == 1


@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_page_fits_a_phone(seats: Seats, addresses: dict[str, str], name: str) -> None:
    admin = seats.sit(width=NARROW)

    admin.go(addresses[name])

    assert not admin.overflows()


@pytest.mark.long
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_page_is_readable_by_all_in_every_theme_and_width(
    seats: Seats, addresses: dict[str, str], name: str, width: int, theme: str
) -> None:
    admin = seats.sit(width=width, is_dark=theme == "dark")

    admin.go(addresses[name])

    assert admin.violations() == []


def test_the_entrance_is_readable_by_all(seats: Seats) -> None:
    nobody = seats.sit(None)

    nobody.go("/sign-in")

    assert nobody.violations() == []


def test_the_first_page_is_small(seats: Seats) -> None:
    admin = seats.sit()

    admin.go("/a/acme/triggers")

    # In bytes, as they came over the wire, headers included.
    sizes = """() => ["navigation", "resource"].flatMap(kind => performance.getEntriesByType(kind)).map(
        each => each.transferSize
    )"""
    assert 10_000 < sum(admin.page.evaluate(sizes)) <= 60_000

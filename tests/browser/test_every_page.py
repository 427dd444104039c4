"""Every page of the catalogue, as it is before anything was typed: readable by all, in both themes, however narrow."""

import pytest

from tests.browser.conftest import NARROW, WIDE, Seats
from tests.support.crm import delivery, event, person
from tests.web.pages.addresses import LOOKED_AT, addresses
from tests.web.pages.conftest import Site
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake


@pytest.fixture
def known(site: Site, intake: Intake) -> dict[str, str]:
    order = {"id": "1", "number": "A-1", "version": 1}
    body = event("order.created", recipients=[person("order", firstname="Олена")], order=order, client={"id": "5"})
    accept(intake, [delivery(body), delivery(b"{", key="acme.order.created")])
    return addresses(site.pool, "acme")


@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_page_is_readable_by_all(seats: Seats, known: dict[str, str], name: str) -> None:
    admin = seats.sit()

    admin.go(known[name])

    assert admin.violations() == []
    assert admin.page.locator("h1").count() == 1


@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_page_fits_a_phone(seats: Seats, known: dict[str, str], name: str) -> None:
    admin = seats.sit(width=NARROW)

    admin.go(known[name])

    assert not admin.overflows()


@pytest.mark.long
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_page_is_readable_by_all_in_every_theme_and_width(
    seats: Seats, known: dict[str, str], name: str, width: int, theme: str
) -> None:
    admin = seats.sit(width=width, is_dark=theme == "dark")

    admin.go(known[name])

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

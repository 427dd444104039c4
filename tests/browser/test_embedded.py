"""The client's page inside a page of the CRM, in a browser that keeps to what the address allows."""

from collections.abc import Generator
from html import escape

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.browser.conftest import AXE, LEVELS, NARROW
from tests.support.waiting import PATIENCE_S
from tests.web.embed.conftest import Crm, crm
from worker.settings.environment import RECEIPTS, Address
from worker.web.server import listener_at, serving

__all__ = ["crm"]


@pytest.fixture
def card(chromium: Chromium) -> Generator[tuple[Page, str]]:
    """A page, and the site of a CRM whose client's card frames what its query names."""

    async def show(request: Request) -> HTMLResponse:
        framed = escape(request.url.query, quote=True)
        return HTMLResponse(f'<!doctype html><title>CRM</title><iframe title="SMS" src="{framed}"></iframe>')

    listener = listener_at(Address("127.0.0.1", 0), RECEIPTS)
    with serving(listener, [Route("/card", show)], name="crm", most=20, drain_s=5) as server:
        page = chromium.new_page(viewport={"width": NARROW, "height": 700})
        page.set_default_timeout(PATIENCE_S * 1000)
        yield page, f"http://{server.at}"
        page.close()


def test_the_site_that_the_crm_signed_frames_it_and_no_other(crm: Crm, card: tuple[Page, str]) -> None:
    page, site = card
    good, bad = (crm.signed(crm.asked(frame=frame)) for frame in (site, "https://crm.example.com"))

    page.goto(f"{site}/card?{crm.url}/embed/client?{good}")
    assert page.frame_locator("iframe").locator("h1").inner_text() == "SMS клієнта 5"

    page.goto(f"{site}/card?{crm.url}/embed/client?{bad}")
    assert page.frames[1].url == "chrome-error://chromewebdata/"


def test_it_is_readable_by_all_and_fits_a_phone(crm: Crm, card: tuple[Page, str]) -> None:
    page, _site = card
    page.goto(f"{crm.url}/embed/client?{crm.signed(crm.asked(rights='phones,export'))}")

    page.evaluate(AXE)
    found = page.evaluate("levels => axe.run({runOnly: levels})", LEVELS)
    assert [rule["id"] for rule in found["violations"]] == []
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")

    page.get_by_role("searchbox").fill("зебра")
    page.get_by_role("button", name="Знайти").click()
    page.get_by_text("За цими фільтрами").wait_for()

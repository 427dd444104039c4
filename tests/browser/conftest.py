"""A real browser, Debian's Chromium, which looks at the console's pages over a database of their own."""

import os
import shutil
from collections.abc import Generator
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, sync_playwright

from deploy.services.programs import install
from tests.support.waiting import PATIENCE_S
from tests.web.pages.conftest import ADMIN, Site, intake, signed_in, site
from worker.store.access.users import NewUser
from worker.store.db.postgres import transaction

__all__ = ["intake", "site"]

PACKAGES = ("chromium", "fonts-dejavu-core")
#: Nothing of its own may ask anybody on the internet.
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run", "--disable-quic"),
]
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDE, NARROW = 1280, 320


@pytest.fixture(scope="session")
def chromium() -> Generator[Chromium]:
    path = os.environ.get("PATH", os.defpath)
    if not shutil.which("chromium", path=path):
        install(PACKAGES, path=path)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium", path=path), args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Eyes:
    """Somebody at a browser: what they see, and what it complained of."""

    context: BrowserContext
    page: Page
    url: str
    complaints: list[str] = field(default_factory=list[str])

    def go(self, path: str) -> None:
        response = self.page.goto(f"{self.url}{path}")
        assert response
        assert response.status == 200, path

    def violations(self) -> list[str]:
        """What axe-core finds against WCAG 2.2 A and AA on the page as it is."""
        self.page.evaluate(AXE)
        found: Any = self.page.evaluate("levels => axe.run({runOnly: levels})", LEVELS)
        return [
            f"{rule['id']}: {node['target']} {node['failureSummary']}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]

    def overflows(self) -> bool:
        """Whether somebody has to scroll sideways to read the page."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@dataclass
class Seats:
    """Browsers for people who are to sit down at them."""

    chromium: Chromium
    site: Site
    eyes: list[Eyes] = field(default_factory=list[Eyes])

    def sit(
        self, who: NewUser | None = ADMIN, *, width: int = WIDE, is_dark: bool = False, scripts: bool = True
    ) -> Eyes:
        """Somebody who has signed in and reads Ukrainian; None: nobody has."""
        context = self.chromium.new_context(
            viewport={"width": width, "height": 900},
            locale="uk-UA",
            color_scheme="dark" if is_dark else "light",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(PATIENCE_S * 1000)
        if who is not None:
            _user, secret = signed_in(self.site.pool, who)
            with transaction(self.site.pool) as connection:
                connection.execute("UPDATE users SET language = 'uk'")
            context.add_cookies([{"name": "session", "value": secret, "url": self.site.url}])
        result = Eyes(context, context.new_page(), self.site.url)
        result.page.on("console", lambda message: complain(result, message.type, message.text))
        result.page.on("pageerror", lambda error: result.complaints.append(str(error)))
        result.page.on("requestfailed", lambda request: miss(result, request.url, request.failure or ""))
        self.eyes.append(result)
        return result


def complain(eyes: Eyes, kind: str, text: str) -> None:
    """A page that is refused says so by its status, which Chromium writes down as an error."""
    if kind == "error" and "the server responded with a status of 4" not in text:
        eyes.complaints.append(text)


def miss(eyes: Eyes, url: str, failure: str) -> None:
    """A page that becomes a file, or is left for another, is called aborted."""
    if failure != "net::ERR_ABORTED":
        eyes.complaints.append(f"{url}: {failure}")


@pytest.fixture
def seats(chromium: Chromium, site: Site) -> Generator[Seats]:
    result = Seats(chromium, site)
    yield result
    complaints = [complaint for eyes in result.eyes for complaint in eyes.complaints]
    for eyes in result.eyes:
        eyes.context.close()
    assert complaints == []


@pytest.fixture
def admin(seats: Seats) -> Eyes:
    return seats.sit()

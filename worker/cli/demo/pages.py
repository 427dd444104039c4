"""The console's pages as somebody who has been invited finds them after the demo's events."""

import re
import secrets
from collections.abc import Iterator

import httpx

from worker.language import _
from worker.steps.access import users as people
from worker.store.access.users import NewUser
from worker.store.db.postgres import Pool, clock, transaction
from worker.turbosms.transport import ssl_context

ACCOUNT = "acme"
OLENA = NewUser("olena", "admin", ACCOUNT, sees_phones=True, spends=True, sees_prices=True)
PATIENCE_S = 20.0
EVENTS = 19
ROW = re.compile(r"<tr>\s*<td>")


class PagesError(Exception):
    """A page is not as it should be; the text says which."""


def pages_of(pool: Pool, url: str) -> Iterator[str]:
    """Enter by a one-time link as a browser would, and say what each page shows.

    Raises:
        PagesError: one does not answer, or shows nothing.
    """
    with transaction(pool) as connection:
        invited = people.invite(connection, OLENA, by="demo", now=clock(connection))
    if invited is None:
        raise PagesError(_("there is a person called {name} already", name=OLENA.name))
    with httpx.Client(base_url=url, trust_env=False, verify=ssl_context(), timeout=PATIENCE_S) as browser:
        password = secrets.token_urlsafe()
        form = {"password": password, "again": password, "language": "uk"}
        entered = browser.post(f"/entry/{invited.secret}", data=form, headers={"Sec-Fetch-Site": "same-origin"})
        if entered.is_error:
            raise PagesError(_("the one-time link answers {status}", status=entered.status_code))
        yield _("events that may lead to SMS: {count}", count=rows_of(browser, "/triggers", least=EVENTS))
        yield _("SMS in the history: {count}", count=rows_of(browser, "/history", least=1))
        yield _("shortcodes: {count}", count=rows_of(browser, "/shortcodes", least=100))


def rows_of(browser: httpx.Client, path: str, *, least: int) -> int:
    """How many rows the tables of a page have."""
    page = browser.get(f"/a/{ACCOUNT}{path}")
    count = len(ROW.findall(page.text))
    if page.is_error or count < least:
        raise PagesError(
            _("{path} answers {status} with {count} rows", path=path, status=page.status_code, count=count)
        )
    return count

"""The console's pages in this process, and people who have signed in to them."""

from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.support.crm import SECRET
from tests.support.http_client import NO_CERTIFICATES
from tests.support.simulated_provider import Provider
from tests.support.waiting import PATIENCE_S
from worker.core.access.user import User, digest
from worker.settings.environment import RECEIPTS, Address
from worker.steps.access import users as people
from worker.steps.ingest.plan import Intake
from worker.store.access import sessions, users
from worker.store.access.users import NewUser
from worker.store.accounts import secrets
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, clock, transaction
from worker.web.pages.door import page_routes
from worker.web.server import listener_at, serving

ADMIN = NewUser("olena", "admin", "acme", sees_phones=True, spends=True, sees_prices=True)
OPERATOR = NewUser("petro", "operator", None, sees_phones=False, spends=False, sees_prices=False)
AUDITOR = NewUser("iryna", "auditor", None, sees_phones=False, spends=False, sees_prices=False)
PASSWORD = "four words are enough"
#: Connections at a time.
MOST = 120


@dataclass
class Browser:
    """Somebody's browser, without scripts."""

    client: httpx.Client
    user: User | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.client.get(path, **given)

    def read(self, path: str, **parameters: Any) -> str:
        """A page that must be there."""
        response = self.client.get(path, params=parameters or None)
        assert response.status_code == 200, response.text
        return response.text

    def post(self, path: str, data: dict[str, Any] | None = None, **given: Any) -> httpx.Response:
        headers = {"Sec-Fetch-Site": "same-origin", **given.pop("headers", {})}
        return self.client.post(path, data=data or {}, headers=headers, **given)


@dataclass
class Site:
    """The pages, and whom to look at them as."""

    url: str
    pool: Pool
    stack: ExitStack
    serving: ExitStack

    def end(self) -> None:
        """Stop the server, as a process that ends does."""
        self.serving.close()

    def nobody(self) -> Browser:
        client = httpx.Client(
            base_url=self.url,
            verify=NO_CERTIFICATES,
            trust_env=False,
            timeout=PATIENCE_S,
            headers={"Accept-Language": "en"},
        )
        return Browser(self.stack.enter_context(client))

    def sign_in(self, who: NewUser = ADMIN) -> Browser:
        """Somebody new, in English; their session is as good as after a password."""
        browser = self.nobody()
        browser.user, secret = signed_in(self.pool, who)
        browser.client.cookies.set("session", secret)
        return browser


def signed_in(pool: Pool, who: NewUser) -> tuple[User, str]:
    with transaction(pool) as connection:
        now = clock(connection)
        known = users.by_name(connection, who.name)
        if known is None:
            invited = people.invite(connection, who, by="test", now=now)
            assert invited
            users.speak(connection, invited.id, "en")
            known = users.by_name(connection, who.name)
        assert known
        secret = f"a session of {who.name}"
        sessions.end(connection, digest(secret))
        sessions.add(connection, digest(secret), known.user.id, now=now)
        return known.user, secret


@pytest.fixture
def site(acme_pool: Pool, database_url: str, provider: Provider) -> Generator[Site]:
    listener = listener_at(Address("127.0.0.1", 0), RECEIPTS)
    with page_routes(database_url, Seal([SECRET]), "", provider.url) as routes, ExitStack() as served:
        server = served.enter_context(serving(listener, routes, name="pages", most=MOST, drain_s=5))
        with ExitStack() as stack:
            yield Site(f"http://{server.at}", acme_pool, stack, served)


@pytest.fixture
def admin(site: Site) -> Browser:
    return site.sign_in()


@pytest.fixture
def intake(acme_pool: Pool) -> Intake:
    with transaction(acme_pool) as connection:
        salt = secrets.salt(connection, Seal([SECRET]))
    return Intake(acme_pool, ConfigurationCache(), salt)

"""The door of pages in this process, and a CRM that signs addresses."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.steps.receipts.receipts import taken
from tests.support.crm import SECRET, add_account, execute
from tests.support.http_client import NO_CERTIFICATES
from tests.support.waiting import PATIENCE_S
from worker.core.access.api_key import Scope
from worker.core.access.signed_address import signature_of
from worker.settings.environment import RECEIPTS, Address
from worker.steps.access.api_keys import Made, Wanted, make
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, clock, transaction
from worker.web.embed.client_page import client_page_routes
from worker.web.embed.html_page import page_of_client
from worker.web.key_rates import KeyRates
from worker.web.pages import assets
from worker.web.server import listener_at, serving

LATER = timedelta(minutes=30)


@dataclass
class Crm:
    """A CRM that signs addresses with its key, and the browser that opens them."""

    url: str
    client: httpx.Client
    pool: Pool
    key: Made
    answers: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])

    def asked(self, *, later: timedelta = LATER, **changes: str) -> dict[str, str]:
        with transaction(self.pool) as connection:
            expires = int((clock(connection) + later).timestamp())
        return {"account": "acme", "client": "5", "expires": str(expires), "key": str(self.key.id), **changes}

    def signed(self, asked: Mapping[str, str], *, key: str | None = None) -> str:
        query = urlencode(asked)
        return f"{query}&signature={signature_of(f'/embed/client?{query}', key or self.key.text)}"

    def get(self, query: str) -> httpx.Response:
        return self.client.get(f"{self.url}/embed/client/notifications?{query}")

    def read(self, *, rest: str = "", later: timedelta = LATER, **changes: str) -> Any:
        """The answer, which must be good."""
        response = self.get(self.signed(self.asked(later=later, **changes)) + rest)
        assert response.status_code == 200, response.text
        return response.json()


def made(pool: Pool, *, account: str = "acme", scope: Scope = "embed", phones: bool = True, rate: int = 100) -> Made:
    wanted = Wanted(account, "client's card", [scope], sees_phones=phones, rate=rate)
    with transaction(pool) as connection:
        return make(connection, Seal([SECRET]), wanted, by="Олена", now=clock(connection))


@pytest.fixture
def crm(acme_pool: Pool, database_url: str) -> Generator[Crm]:
    """Client 5 of acme has three texts, client 6 one, and client 5 of beta another."""
    add_account(acme_pool, "beta")
    taken(acme_pool, "m-1", "m-2", "m-3", "m-4")
    taken(acme_pool, "m-5", account="beta")
    execute(
        acme_pool,
        "UPDATE notifications SET client_id = CASE dedupe_key WHEN 'm-4' THEN '6' ELSE '5' END, text = dedupe_key",
    )
    listener = listener_at(Address("127.0.0.1", 0), RECEIPTS)
    with httpx.Client(verify=NO_CERTIFICATES, trust_env=False, timeout=PATIENCE_S) as client:
        result = Crm("", client, acme_pool, made(acme_pool))

        def on_answer(operation: str, status: int, _took_s: float) -> None:
            result.answers.append((operation, status))

        with (
            client_page_routes(database_url, Seal([SECRET]), KeyRates(), on_answer, page_of_client) as routes,
            serving(listener, [assets.ROUTE, *routes], name="pages", most=120, drain_s=5) as server,
        ):
            result.url = f"http://{server.at}"
            yield result

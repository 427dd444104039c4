"""The API's door in this process, over a real socket and a database of its own, and who may call it."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.support.crm import SECRET
from tests.support.http_client import NO_CERTIFICATES
from tests.support.waiting import PATIENCE_S
from worker.core.access.api_key import SCOPES, ApiKey, written
from worker.settings.environment import RECEIPTS, Address
from worker.steps.ingest.plan import Intake
from worker.store.accounts import secrets
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Connection, Pool, transaction
from worker.web.api.catalogue import ENDPOINTS
from worker.web.api.door import api_routes
from worker.web.api.endpoint import Endpoint
from worker.web.api.service import Authenticate, Callers
from worker.web.server import listener_at, serving

EVERYTHING = frozenset(SCOPES)
#: By what tests call them.
KEYS = {
    "acme": ApiKey(1, "acme", "CRM", EVERYTHING, sees_phones=False),
    "acme-phones": ApiKey(2, "acme", "CRM", EVERYTHING, sees_phones=True),
    "acme-none": ApiKey(3, "acme", "CRM", frozenset(), sees_phones=False),
    "reader": ApiKey(5, "acme", "CRM", frozenset({"read"}), sees_phones=False),
    "beta": ApiKey(4, "beta", "CRM", EVERYTHING, sees_phones=True),
}
#: Connections at a time.
MOST = 120


def bearer(key: str) -> str:
    """The header of one of these keys; of any other text as it is."""
    return f"Bearer {written(KEYS[key].id, key.ljust(43, '-')) if key in KEYS else key}"


BY_HEADER = {bearer(name): key for name, key in KEYS.items()}


def authenticate(_connection: Connection, authorization: str | None, _now: datetime) -> ApiKey | None:
    return BY_HEADER.get(authorization or "")


@dataclass
class Api:
    """The API as a client calls it.

    Attributes:
        waits: what the next calls must wait.
        answers: what each came to.
        lookups: the headers whose key was looked up.
    """

    url: str
    client: httpx.Client
    waits: list[float] = field(default_factory=list[float])
    answers: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    lookups: list[str | None] = field(default_factory=list[str | None])

    def ask(self, method: str, path: str, *, key: str | None = "acme", **given: Any) -> httpx.Response:
        headers = {**({"Authorization": bearer(key)} if key else {}), **given.pop("headers", {})}
        return self.client.request(method, f"{self.url}/api/v1{path}", headers=headers, **given)

    def get(self, path: str, *, key: str | None = "acme", **parameters: Any) -> httpx.Response:
        return self.ask("GET", path, key=key, params=parameters)

    def read(self, path: str, *, key: str = "acme", **parameters: Any) -> Any:
        """The answer, which must be good."""
        response = self.get(path, key=key, **parameters)
        assert response.status_code == 200, response.text
        return response.json()


@contextmanager
def served(
    database_url: str, endpoints: Sequence[Endpoint] = ENDPOINTS, whose: Authenticate = authenticate
) -> Generator[Api]:
    """Serve these endpoints to those keys."""
    with httpx.Client(verify=NO_CERTIFICATES, trust_env=False, timeout=PATIENCE_S) as client:
        result = Api("", client)

        def wait(_key: ApiKey) -> float:
            return result.waits.pop() if result.waits else 0.0

        def on_answer(name: str, status: int, _took_s: float) -> None:
            result.answers.append((name, status))

        def looked_up(connection: Connection, authorization: str | None, now: datetime) -> ApiKey | None:
            key = whose(connection, authorization, now)
            result.lookups.append(authorization)
            return key

        callers = Callers(looked_up, wait, on_answer)
        listener = listener_at(Address("127.0.0.1", 0), RECEIPTS)
        with (
            api_routes(database_url, Seal([SECRET]), callers, endpoints) as routes,
            serving(listener, routes, name="api", most=MOST, drain_s=5) as server,
        ):
            result.url = f"http://{server.at}"
            yield result


@pytest.fixture
def api(acme_pool: Pool, database_url: str) -> Generator[Api]:
    assert acme_pool
    with served(database_url) as result:
        yield result


@pytest.fixture
def intake(acme_pool: Pool) -> Intake:
    with transaction(acme_pool) as connection:
        return Intake(acme_pool, ConfigurationCache(), secrets.salt(connection, Seal([SECRET])))

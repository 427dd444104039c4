"""The console's door in this process, over a database of its own, and TurboSMS as it posts to it."""

import logging
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha1
from typing import Any

import orjson
import pytest

from tests.support.crm import SECRET
from tests.support.http_client import http
from worker.settings.environment import RECEIPTS, Address
from worker.steps.receipts.callbacks import record_callbacks
from worker.store.accounts import callback_keys
from worker.store.accounts.sealed_places import callback_key_of
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, transaction
from worker.web.process import DRAIN_S
from worker.web.server import listener_at, serving
from worker.web.webhooks.batcher import Batcher
from worker.web.webhooks.callback_keys import Keys
from worker.web.webhooks.receipts import Receiver, RequestResult, routes

KEY = "security-key-of-the-cabinet"
SEAL = Seal([SECRET])
#: Connections at a time.
MOST = 120


@dataclass
class Console:
    """The server of webhooks, and the result of each request."""

    url: str = ""
    results: list[RequestResult] = field(default_factory=list[RequestResult])

    def post(self, account: str = "acme", **changes: Any) -> tuple[int, str]:
        """The code and the outcome."""
        return self.post_raw(body(**changes), account)

    def post_raw(self, content: Any, account: str = "acme") -> tuple[int, str]:
        url = f"{self.url}/turbosms/{account}/receipts"
        raw: bytes = content if isinstance(content, bytes) else orjson.dumps(content)
        code = http.post(url, content=raw).status_code
        return code, self.results[-1].outcome


def body(
    event: str = "e-1",
    *,
    message: str = "m-1",
    status: str = "DELIVRD",
    nth: int = 1,
    key: str = KEY,
    last: bool = False,
) -> dict[str, Any]:
    """A callback; `last`: the key comes after the id."""
    signed = f"{event}{key}" if last else f"{key}{event}"
    return {
        "id": event,
        "signature": sha1(signed.encode()).hexdigest(),  # noqa: S324 (the provider's choice)
        "type": "dlr",
        "try": nth,
        "data": {"message_id": message, "status": status, "dlr_date": "2026-11-28 10:00:05"},
    }


def set_key(pool: Pool, account: str = "acme", key: str = KEY) -> None:
    with transaction(pool) as connection:
        assert callback_keys.replace(connection, account, SEAL.close(key.encode(), callback_key_of(account)))


@pytest.fixture
def console(acme_pool: Pool) -> Generator[Console]:
    pool = acme_pool
    set_key(pool)
    result = Console()
    with ThreadPoolExecutor(4) as recording, ThreadPoolExecutor(1) as reading:
        keys = Keys(pool, SEAL, reading)
        receiver = Receiver(
            keys,
            Batcher(partial(record_callbacks, pool), recording),
            lambda outcome, _: result.results.append(outcome),
        )
        listener = listener_at(Address("127.0.0.1", 0), RECEIPTS)
        with serving(listener, routes(receiver), name="callbacks", most=MOST, drain_s=DRAIN_S) as server:
            result.url = f"http://{server.at}"
            yield result


@pytest.fixture(autouse=True)
def _quiet() -> None:
    logging.getLogger("httpx").setLevel(logging.WARNING)

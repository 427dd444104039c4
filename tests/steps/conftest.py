from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.crm import SALT, SECRET, TOKEN, add_account
from worker.steps.plan import Intake
from worker.steps.post import Sender
from worker.store.configuration import ConfigurationCache
from worker.store.postgres import Pool
from worker.store.secrets import Seal
from worker.turbosms.client import TurboSms
from worker.turbosms.simulator.ledger import Account
from worker.turbosms.simulator.serve import running


class Provider:
    """The simulator, by its control door."""

    def __init__(self, url: str) -> None:
        self.url = url

    def messages(self) -> list[dict[str, Any]]:
        return httpx.get(f"{self.url}/_simulator/messages").json()

    def state(self) -> dict[str, Any]:
        return httpx.get(f"{self.url}/_simulator/state").json()

    def fault(self, name: str, **more: object) -> None:
        httpx.post(f"{self.url}/_simulator/faults", json={"fault": name, **more}).raise_for_status()

    def settings(self, **more: object) -> None:
        httpx.patch(f"{self.url}/_simulator/settings", json=more).raise_for_status()

    def stop(self, recipient: str) -> None:
        httpx.post(f"{self.url}/_simulator/stoplist", json={"recipient": recipient}).raise_for_status()


@pytest.fixture
def provider() -> Generator[Provider]:
    account = Account(token=TOKEN, name="acme", senders=frozenset({"DemoShop"}), balance=Decimal(1_000_000))
    with running(accounts=(account,)) as simulator:
        yield Provider(simulator.url)


@pytest.fixture
def intake(pool: Pool) -> Intake:
    add_account(pool)
    return Intake(pool, ConfigurationCache(), SALT)


@pytest.fixture
def alerts() -> list[str]:
    return []


@pytest.fixture
def sender(intake: Intake, provider: Provider, alerts: list[str]) -> Generator[Sender]:
    client = TurboSms(provider.url, deadline_s=3)
    with ThreadPoolExecutor(8) as posts:
        yield Sender(intake.pool, intake.cache, client, Seal([SECRET]), posts, lambda name, _facts: alerts.append(name))
    client.close()

from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

import pytest

from tests.support.crm import SALT, SECRET
from tests.support.simulated_provider import Provider
from worker.steps.effects import Effect
from worker.steps.ingest.plan import Intake
from worker.steps.receipts.poll import Collector
from worker.steps.sending.post import Sender
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool
from worker.turbosms.client import TurboSms


@pytest.fixture
def intake(acme_pool: Pool) -> Intake:
    return Intake(acme_pool, ConfigurationCache(), SALT)


@pytest.fixture
def alerts() -> list[str]:
    return []


@pytest.fixture
def ending() -> Event:
    return Event()


@pytest.fixture
def sender(intake: Intake, provider: Provider, alerts: list[str], ending: Event) -> Generator[Sender]:
    client = TurboSms(provider.url, deadline_s=3)
    with ThreadPoolExecutor(8) as posts:
        report = partial(note_name, alerts)
        yield Sender(intake.pool, intake.cache, client, Seal([SECRET]), posts, report, ending.is_set)
    client.close()


def note_name(alerts: list[str], name: str, _facts: Mapping[str, object]) -> None:
    alerts.append(name)


@pytest.fixture
def measured() -> list[Effect]:
    return []


@pytest.fixture
def collector(intake: Intake, provider: Provider, alerts: list[str], measured: list[Effect]) -> Generator[Collector]:
    client = TurboSms(provider.url, deadline_s=3)
    yield Collector(
        intake.pool, ConfigurationCache(), client, Seal([SECRET]), partial(note_name, alerts), measured.extend
    )
    client.close()

"""Work beside the timetable may fail: it is logged once, and no thread crashes."""

import threading
from collections.abc import Callable

import pytest
import structlog

from schedules.poll_balances_and_queues import Balances
from schedules.poll_receipts import Collection
from tests.support.crm import SECRET
from tests.support.waiting import wait_until
from worker.bootstrap import alert
from worker.steps.receipts.poll import Collector
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, open_pool
from worker.turbosms.client import TurboSms


def balances(pool: Pool, provider: TurboSms) -> Callable[[], None]:
    return Balances(pool, Seal([SECRET]), provider, threading.Event()).ask


def receipts(pool: Pool, provider: TurboSms) -> Callable[[], None]:
    collector = Collector(pool, ConfigurationCache(), provider, Seal([SECRET]), alert)
    return Collection(collector, threading.Event()).ask


@pytest.mark.parametrize("asking", [balances, receipts])
def test_an_outage_of_postgresql_is_logged_once_and_ends_no_thread(
    database_url: str, asking: Callable[[Pool, TurboSms], Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    crashed: list[object] = []
    monkeypatch.setattr(threading, "excepthook", crashed.append)
    pool = open_pool(database_url, size=1, name="test")
    pool.close()
    ask = asking(pool, TurboSms("http://127.0.0.1:9"))

    with structlog.testing.capture_logs() as log_entries:
        for _ in range(3):
            ask()
            wait_until(lambda: not named(asking.__name__), "the run is over")

    assert [line["event"] for line in log_entries] == [f"{asking.__name__}.failed"]
    assert crashed == []


def named(name: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == name]

import threading

from schedules.poll_receipts import Collection
from tests.steps.receipts.receipts import due, questions, states_by_message, taken
from tests.support.crm import SECRET, add_account
from tests.support.simulated_provider import Provider
from tests.support.waiting import wait_until
from worker.bootstrap import alert
from worker.core.receipts.polling import DENIED_TOO_EARLY
from worker.steps.receipts.poll import Collector
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool
from worker.turbosms.client import TurboSms

UNKNOWN = "00000000-0000-0000-0000-000000000000"


def test_a_slow_provider_delays_nothing_and_is_not_asked_twice_at_once(pool: Pool, provider: Provider) -> None:
    add_account(pool)
    taken(pool, UNKNOWN, age=DENIED_TOO_EARLY)
    due(pool)
    provider.fault("slow", seconds=2, match={"method": "message/details"}, times=None)
    client = TurboSms(provider.url)
    collector = Collector(pool, ConfigurationCache(), client, Seal([SECRET]), alert)
    collection = Collection(collector, threading.Event())

    collection.ask()
    collection.ask()
    assert states_by_message(pool) == {UNKNOWN: ("accepted", None)}

    wait_until(lambda: states_by_message(pool) == {UNKNOWN: ("accepted", "not_tracked")}, "the answer")
    assert questions(provider) == {"message/details": 1}
    client.close()

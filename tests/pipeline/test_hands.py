from collections.abc import Callable, Iterable
from typing import Any

from tests.pipeline.conftest import System, states
from tests.support.crm import event, execute
from tests.support.simulated_provider import Provider
from tests.support.waiting import wait_until
from worker.store.db.postgres import Pool

Publish = Callable[[Iterable[dict[str, Any]]], None]
ORDERS = 60


def test_wrong_texts_are_stopped_and_dropped_while_they_go(
    system: System, publish: Publish, provider: Provider, pool: Pool
) -> None:
    execute(pool, "UPDATE accounts SET requests_per_s = 5")
    system.start("worker")
    system.start("scheduler")
    publish([event("order.created") for _ in range(ORDERS)])
    wait_until(lambda: len(provider.messages()) > 1, "they go")

    system.run("pause", "acme", "--trigger", "order_created")
    wait_until(lambda: "sending" not in states(pool), "what was claimed comes back")
    stopped = len(provider.messages())
    system.run("cancel", "--account", "acme", "--trigger", "order_created", "--yes")
    publish([event("order.approved")])
    wait_until(lambda: len(provider.messages()) > stopped, "others go on")

    assert states(pool) == {"accepted": stopped + 1, "cancelled": ORDERS - stopped}
    assert 1 < stopped < ORDERS
    assert len(provider.messages()) == stopped + 1
    assert system.stop() == [0, 0]

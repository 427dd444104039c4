from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tests.pipeline.conftest import System, states, wait_for_accepted
from tests.support.crm import event, execute, rows
from tests.support.simulated_provider import Provider
from tests.support.waiting import wait_until
from worker.store.db.postgres import Pool

Publish = Callable[[Iterable[dict[str, Any]]], None]
ORDERS = 60


def order(number: str) -> dict[str, Any]:
    return event("order.created", order={"id": number, "number": number, "version": 1})


def test_a_running_worker_takes_what_an_admin_changes(
    system: System, publish: Publish, provider: Provider, pool: Pool, tmp_path: Path
) -> None:
    account = tmp_path / "account.yaml"
    account.write_text("sender: DemoShop\nhours: 0:00-24:00\nname: Інша\n")
    system.start("worker")
    publish([order("1")])
    wait_for_accepted(pool, 1)

    system.run("template", "edit", "acme", "order_created", "--text", "Нове №{stock_orders_number_order_id}")
    publish([order("2")])
    wait_for_accepted(pool, 2)
    system.run("account", "import", str(account), "--account", "acme", "--yes")
    system.run("template", "rollback", "acme", "order_created", "1")
    publish([order("3")])
    wait_for_accepted(pool, 3)
    system.run("trigger", "off", "acme", "order_created")
    publish([order("4")])
    wait_until(lambda: len(rows(pool, "SELECT FROM events")) == 4, "the fourth event is accepted")

    assert [message["text"] for message in provider.messages()] == [
        "Замовлення №1 прийнято. Дякуємо! ТОВ Ромашка",
        "Нове №2",
        "Замовлення №3 прийнято. Дякуємо! Інша",
    ]
    assert rows(pool, "SELECT outcome FROM events ORDER BY id DESC LIMIT 1") == [("switched_off",)]
    assert system.stop() == [0]


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
    wait_until(lambda: "sending" not in states(pool), "its answer is recorded")

    assert states(pool) == {"accepted": stopped + 1, "cancelled": ORDERS - stopped}
    assert 1 < stopped < ORDERS
    assert len(provider.messages()) == stopped + 1
    assert system.stop() == [0, 0]

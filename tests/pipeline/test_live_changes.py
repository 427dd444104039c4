from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tests.pipeline.conftest import System, wait_for_accepted
from tests.support.crm import event, rows
from tests.support.simulated_provider import Provider
from tests.support.waiting import wait_until
from worker.store.db.postgres import Pool

Publish = Callable[[Iterable[dict[str, Any]]], None]


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

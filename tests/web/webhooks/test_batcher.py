"""Each callback of a batch gets its own result, and none fails because of another."""

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.support.waiting import PATIENCE_S
from worker.steps.receipts.callbacks import CallbackOutcome
from worker.turbosms.callback import Callback
from worker.web.webhooks import batcher as at_test
from worker.web.webhooks.batcher import Batcher, CallbackResult, OverfullError

RECORDED: CallbackOutcome = "recorded"


def callback(event: str) -> Callback:
    return Callback(event, "0" * 40, event, "DELIVRD", None, 1)


class Writer:
    """Writes down slowly enough that others come meanwhile."""

    def __init__(self, error: Exception | None = None) -> None:
        self.batches: list[list[str]] = []
        self.is_open = threading.Event()
        self.is_open.set()
        self.error = error

    def __call__(self, account: str, callbacks: Sequence[Callback]) -> Sequence[CallbackOutcome]:
        self.is_open.wait(PATIENCE_S)
        self.batches.append([f"{account}/{item.event_id}" for item in callbacks])
        if self.error is not None and any(item.event_id == "bad" for item in callbacks):
            raise self.error
        return [RECORDED for _ in callbacks]


async def _take(writer: Writer, asked: Sequence[tuple[str, str]]) -> list[CallbackResult]:
    with ThreadPoolExecutor(4) as threads:
        batcher = Batcher(writer, threads)
        waiting = [asyncio.create_task(batcher.take(account, callback(event))) for account, event in asked]
        await asyncio.sleep(0)
        writer.is_open.set()
        return list(await asyncio.gather(*waiting))


def test_callbacks_during_a_batch_are_the_next_batch() -> None:
    writer = Writer()
    writer.is_open.clear()

    came = asyncio.run(_take(writer, [("acme", f"{nth}") for nth in range(500)]))

    assert came == ["recorded"] * 500
    assert [len(batch) for batch in writer.batches][:1] == [200]
    assert len(writer.batches) <= 4
    assert [name for batch in writer.batches for name in batch] == [f"acme/{nth}" for nth in range(500)]


def test_accounts_do_not_share_batches() -> None:
    writer = Writer()

    asyncio.run(_take(writer, [("acme", "1"), ("other", "2"), ("acme", "3")]))

    assert all(len({name.partition("/")[0] for name in batch}) == 1 for batch in writer.batches)


def test_a_callback_that_cannot_be_stored_costs_no_other() -> None:
    error = psycopg.errors.NumericValueOutOfRange()
    came = asyncio.run(_take(Writer(error), [("acme", "1"), ("acme", "bad"), ("acme", "2")]))

    assert came == ["recorded", error, "recorded"]


def test_without_postgresql_a_whole_batch_fails_at_once() -> None:
    writer = Writer(psycopg.OperationalError())

    came = asyncio.run(_take(writer, [("acme", "1"), ("acme", "bad")]))

    assert [isinstance(item, psycopg.OperationalError) for item in came] == [True, True]
    assert len(writer.batches) == 1


def test_more_than_can_wait_is_sent_back_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_test, "WAITING_MAX", 2)
    writer = Writer()
    writer.is_open.clear()

    came = asyncio.run(_take(writer, [("acme", f"{nth}") for nth in range(3)]))

    assert came[:2] == ["recorded", "recorded"]
    assert isinstance(came[2], OverfullError)

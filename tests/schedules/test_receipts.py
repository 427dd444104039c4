from __future__ import annotations

import socket
import threading
from collections.abc import Generator

import pytest

from schedules.receipts import Collection
from tests.crm import SECRET, add_account, execute
from tests.steps.receipts import standings, taken
from tests.turbosms.raw_server import Server, serving
from tests.waiting import wait_until
from worker.boot import alert
from worker.steps.collect import Collector
from worker.store.configuration import ConfigurationCache
from worker.store.postgres import Pool
from worker.store.secrets import Seal
from worker.turbosms.client import TurboSms

ANSWER = b'{"response_code":0,"response_result":[{"message_id":"m-1","response_code":0,"sms":{"status":"Delivered"}}]}'


@pytest.fixture
def answering() -> threading.Event:
    return threading.Event()


@pytest.fixture
def silent(answering: threading.Event) -> Generator[Server]:
    """A provider that answers when it is told to."""

    def script(connection: socket.socket) -> bool:
        answering.wait(20)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(ANSWER) + ANSWER)
        return False

    with serving(script) as server:
        yield server


def test_a_silent_provider_delays_nothing_and_is_not_asked_twice_at_once(
    pool: Pool, silent: Server, answering: threading.Event
) -> None:
    add_account(pool)
    taken(pool, "m-1")
    execute(pool, "UPDATE notifications SET due_at = now()")
    collector = Collector(pool, ConfigurationCache(), TurboSms(silent.url), Seal([SECRET]), alert)
    collection = Collection(collector, threading.Event())

    collection.ask()
    wait_until(lambda: silent.connections == 1, "the question")
    collection.ask()
    assert standings(pool) == {"m-1": ("accepted", None)}

    answering.set()
    wait_until(lambda: standings(pool) == {"m-1": ("delivered", None)}, "the receipt")
    assert silent.connections == 1

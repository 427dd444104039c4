import os
import subprocess
import sys
import time
from collections.abc import Generator

import dramatiq
import pytest

from tests.support.crm import SECRET
from tests.support.waiting import PATIENCE_S, wait_until
from worker.amqp.broker import SmsBroker, announce_away, announce_back
from worker.amqp.connection import Presence
from worker.amqp.publisher import Publisher
from worker.health.assessment import SILENT_S, Work
from worker.health.status import Health
from worker.health.watchdog import Watchdog

#: A worker in which SystemExit, which nothing catches, ends one thread.
DOOMED = """
import ctypes, os, sys, threading, time
from worker.process import run_worker
from worker.settings.environment import EVERYTHING, load

def end(name):
    def is_doomed(thread):
        named = getattr(thread, "queue_name", None) or f"{type(thread).__name__} {thread.name}"
        return name in named and not getattr(thread, "running", True) is False
    while not (doomed := [thread for thread in threading.enumerate() if is_doomed(thread)]):
        time.sleep(0.1)
    time.sleep(1)
    while doomed[0].is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(doomed[0].ident), ctypes.py_object(SystemExit))
        time.sleep(0.3)

threading.Thread(target=end, args=(sys.argv[1],), daemon=True).start()
sys.exit(run_worker(load(os.environ, needs=EVERYTHING), threads=2))
"""


@pytest.mark.long
@pytest.mark.parametrize(
    ("thread", "named"),
    [
        ("crm.events.urgent", "consumer of crm.events.urgent"),
        ("WorkerThread", "worker thread"),
        ("worker publisher", "publisher"),
    ],
)
def test_a_dead_thread_ends_the_process_with_its_name_and_70(
    amqp_url: str, database_url: str, thread: str, named: str
) -> None:
    environment = {**os.environ, "SMS_AMQP_URL": amqp_url, "SMS_DATABASE_URL": database_url, "SMS_SECRET_KEY": SECRET}
    command = [sys.executable, "-c", DOOMED, thread]

    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE_S)

    stdout = ended.stdout + ended.stderr
    [dead] = [line for line in stdout.splitlines() if "worker.dead" in line]
    assert (ended.returncode, named in dead) == (70, True), stdout


@pytest.fixture
def presence() -> Presence:
    return Presence(announce_away, announce_back)


class Watched:
    """A worker with its watchdog, on a clock that the test moves ahead."""

    def __init__(self, worker: dramatiq.Worker, publisher: Publisher) -> None:
        self._ahead_s = 0.0
        self.publisher = publisher
        self._watchdog = Watchdog(worker, publisher, clock=self._clock)
        self._health = Health("worker", clock=self._clock)
        self._health.runs(lambda: Work(self._watchdog.threads(), self._watchdog.consumers()))

    def fatal_after(self, seconds: float, *, step: int = 5) -> list[str]:
        """Who must be ended for, if these seconds go by and nobody looks at a queue."""
        names: list[str] = []
        for ahead in range(0, int(seconds) + 1, step):
            self._ahead_s = ahead
            self._watchdog.look()
            names = self._health.turn().fatal
        return [fault.partition(":")[0] for fault in names]

    def _clock(self) -> float:
        return time.monotonic() + self._ahead_s


@pytest.fixture
def watched(amqp_url: str, presence: Presence) -> Generator[Watched]:
    publisher = Publisher(amqp_url, presence=presence)
    broker = SmsBroker(amqp_url, shares={}, publisher=publisher, presence=presence, obstacle=lambda: None)
    worker = dramatiq.Worker(broker, queues={"crm.events", "sms.urgent"}, worker_threads=1, worker_timeout=100)
    worker.start()
    for queue in ("crm.events", "sms.urgent"):
        broker.declare_queue(queue)
    wait_until(lambda: all(consumer.consumer for consumer in worker.consumers.values()), "the consumers consume")
    yield Watched(worker, publisher)
    worker.stop()
    publisher.close()


def test_a_consumer_that_does_not_look_at_its_queue_is_fatal(watched: Watched) -> None:
    assert watched.fatal_after(SILENT_S - 5) == []
    assert watched.fatal_after(SILENT_S + 10) == ["consumer of crm.events", "consumer of sms.urgent"]


def test_silence_is_excused_while_rabbitmq_is_away(watched: Watched, presence: Presence) -> None:
    presence.lost("publisher", OSError())

    assert watched.fatal_after(10 * SILENT_S) == []


def test_a_queue_that_cannot_be_consumed_hides_no_other_that_hangs(watched: Watched, presence: Presence) -> None:
    presence.lost("consumer sms.urgent", OSError())

    assert watched.fatal_after(10 * SILENT_S) == ["consumer of crm.events"]


def test_a_publisher_that_once_was_slow_does_not_blind_the_watchdog(watched: Watched, presence: Presence) -> None:
    presence.lost("publisher", OSError())

    wait_until(lambda: watched.publisher.fault() is None, "RabbitMQ answers")

    assert watched.fatal_after(10 * SILENT_S)[:1] == ["consumer of crm.events"]


def test_a_process_that_was_frozen_looks_again_before_it_blames(watched: Watched) -> None:
    assert watched.fatal_after(10 * SILENT_S, step=int(10 * SILENT_S)) == []

"""Several schedulers, real processes: killed at every boundary, frozen, cut off, and each moment is published once."""

import os
import signal
import threading
from collections import Counter
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import get_args

import orjson
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from tests.faults.harness.nursery import Birth, News, Nursery
from tests.support.crm import SALT, SECRET, add_account, delivery, event, person, rows
from tests.support.tcp_proxy import Door
from tests.support.waiting import wait_until
from worker.amqp import topology
from worker.core.contract.inbound_message import Delivery
from worker.failpoint import Boundary
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Pool, clock, transaction

pytestmark = pytest.mark.long

ALL = get_args(Boundary)
#: From an entry of the calendar to the mark that its event is published.
BOUNDARIES = ALL[ALL.index("timed") : ALL.index("outcomes_taken")]
FREEZING = ("due", "taken")
WAITS = "OCCURRENCE_LEASE=2,TIMER_PATIENCE=2"
#: No provider is asked for anything here.
NOBODY = "http://127.0.0.1:9"
SOON = timedelta(days=1, seconds=1)
A_LOT = 20
IDLE = """
SELECT
    NOT EXISTS (SELECT FROM calendar WHERE rules_version <= 0)
    AND NOT EXISTS (SELECT FROM timers WHERE next_at < now() + interval '1 minute')
"""


class Office:
    """A CRM with a busy calendar, the schedulers that go by it, and the events that came of it."""

    def __init__(self, pool: Pool, channel: BlockingChannel, nursery: Nursery, environment: dict[str, str]) -> None:
        self.pool = pool
        self.channel = channel
        self.nursery = nursery
        self.environment = environment
        self.intake = Intake(pool, ConfigurationCache(), SALT)
        self.deliveries: list[Delivery] = []
        self.pids: dict[str, int] = {}
        self.ends: dict[str, int | None] = {}
        self.saved = 0
        nursery.listeners["office"] = self.record

    def record(self, news: News) -> None:
        name = news.key.partition("/")[2]
        self.pids[name] = news.pid
        if news.code is not None:
            self.ends[name] = news.code

    def employ(self, name: str, folder: Path, **environment: str) -> None:
        log = str(folder / f"{name}.log")
        self.nursery.fork(Birth(f"office/{name}", "scheduler", (), {**self.environment, **environment}, log))

    def save(self, count: int) -> None:
        """So many meetings whose reminders are due in a second."""
        with transaction(self.pool) as connection:
            start = (clock(connection) + SOON).isoformat()
        numbers = range(self.saved, self.saved + count)
        meetings = [{"id": str(number), "version": 1, "start": start} for number in numbers]
        accept(
            self.intake,
            [delivery(event("meeting.saved", meeting=meeting, recipients=[person()])) for meeting in meetings],
        )
        self.saved += count

    def collect(self) -> None:
        """Take what was published."""
        for queue in topology.EVENT_QUEUES:
            while True:
                result, _, body = self.channel.basic_get(queue, auto_ack=True)
                if result is None or body is None:
                    break
                self.deliveries.append(Delivery(body, result.routing_key, queue, 0))

    def works_until_dead(self, doomed: set[str]) -> bool:
        """Somebody has something to do all the time."""
        if rows(self.pool, IDLE) == [(True,)]:
            self.save(A_LOT)
        self.collect()
        return doomed <= self.ends.keys()

    def is_done(self) -> bool:
        states = rows(self.pool, "SELECT state, count(*) FROM occurrences GROUP BY 1")
        self.collect()
        return states == [("published", self.saved)]


@pytest.fixture
def office(pool: Pool, database_url: str, rabbitmq: Door, channel: BlockingChannel) -> Generator[Office]:
    add_account(pool)
    for queue in topology.QUEUES:
        topology.declare_queue(channel, queue)
    nursery = Nursery("tests.faults.harness.build", "nursery", FAULTS_WAITS=WAITS)
    environment = {
        "SMS_AMQP_URL": rabbitmq.url,
        "SMS_DATABASE_URL": database_url,
        "SMS_SECRET_KEY": SECRET,
        "SMS_TURBOSMS_URL": NOBODY,
        "SMS_LISTEN": "off",
    }
    yield Office(pool, channel, nursery, environment)
    nursery.close()


def test_each_moment_is_published_once_through_kills_and_outages(office: Office, rabbitmq: Door, outputs: Path) -> None:
    doomed = {f"killed-{boundary}" for boundary in BOUNDARIES}
    for boundary in BOUNDARIES:
        office.employ(f"killed-{boundary}", outputs, FAILPOINTS=f"{boundary}:kill")
    for boundary in FREEZING:
        office.employ(f"frozen-{boundary}", outputs, FAILPOINTS=f"{boundary}:stop:times=1")

    wait_until(lambda: office.works_until_dead(doomed), "somebody dies at every boundary")
    for name in ("one", "two"):
        office.employ(name, outputs)
    rabbitmq.shut()
    office.save(A_LOT)
    cut = rows(
        office.pool, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ~ 'scheduler'"
    )
    threading.Timer(1.0, rabbitmq.open).start()
    wait_until(office.is_done, "everything is published")
    for boundary in FREEZING:
        os.kill(office.pids[f"frozen-{boundary}"], signal.SIGCONT)
    office.save(A_LOT)
    wait_until(office.is_done, "everything is published again")

    assert cut
    assert {office.ends[name] for name in doomed} == {-signal.SIGKILL}
    counts = Counter((item["data"]["meeting"]["id"], item["id"]) for item in map(orjson.loads, bodies(office)))
    assert len(counts) == office.saved
    assert len(set(bodies(office))) == office.saved
    accept(office.intake, office.deliveries)
    assert rows(office.pool, "SELECT count(*) FROM notifications") == [(office.saved,)]
    assert rows(office.pool, "SELECT count(*) FROM dead_letters") == [(0,)]


def bodies(office: Office) -> list[bytes]:
    return [item.body for item in office.deliveries]

"""Health through ten minutes of moved time, in which every task runs as seldom as the timetable has it."""

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace

import dramatiq
import pytest
import structlog

from schedules.poll_balances_and_queues import BALANCE_S, Balances
from schedules.process import by_thread, collection, parts, turns_of
from schedules.task_status import Turn
from schedules.task_thread import AGAIN_S, TaskThread
from schedules.timetable import timetable
from tests.support.crm import SECRET
from tests.support.waiting import wait_until
from worker.amqp.broker import SmsBroker, announce_away, announce_back
from worker.amqp.connection import Presence
from worker.amqp.publisher import Publisher
from worker.amqp.topology import QUEUES
from worker.bootstrap import key_state
from worker.health.assessment import LATELY_S, LOOP_S, RUN_MAX_S, STALE_S, CheckFacts, Facts, Work, assess
from worker.health.check import EVERY_S, Check
from worker.health.status import Health
from worker.health.watchdog import Watchdog
from worker.settings.environment import Settings, load
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool
from worker.turbosms.client import TurboSms

MINUTES = 10
PRESENCE = Presence(announce_away, announce_back)


class Clock:
    """A steady clock that somebody moves."""

    def __init__(self) -> None:
        self.now = 5_000.0

    def __call__(self) -> float:
        return self.now

    def seconds(self, *, step: int = 1) -> Iterator[int]:
        """Ten minutes, so many seconds at a time."""
        for second in range(0, 60 * MINUTES, step):
            yield second
            self.now += step


class Scheduler:
    """The threads of the real timetable, run by hand; its tasks do what a test lets them do."""

    def __init__(self, clock: Clock, turns: list[Turn], run: Callable[[str], None]) -> None:
        for turn in turns:
            turn.task = replace(turn.task, run=lambda name=turn.task.name: run(name))
        self.turns = turns
        groups = by_thread(turns).items()
        self.threads = {name: TaskThread(name, own, threading.Event(), clock=clock) for name, own in groups}
        self._wakes = dict.fromkeys(self.threads, clock.now)
        self._clock = clock
        self.health = Health("scheduler", clock=clock)
        self.health.runs(self.work)

    def work(self) -> Work:
        """What the process knows of it; no thread follows these threads."""
        work = parts(list(self.threads.values()), self.turns, list)
        return replace(work, threads=[replace(thread, is_alive=True) for thread in work.threads])

    def faults(self, name: str) -> list[str]:
        """The fault of a thread now."""
        [thread] = [thread for thread in self.work().threads if name in thread.name]
        return assess(Facts(self._clock.now, work=Work([thread])), now=self._clock.now).fatal

    def turn(self) -> None:
        self.health.turn()
        for name, thread in self.threads.items():
            if self._wakes[name] <= self._clock.now:
                self._wakes[name] = thread.turn()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def publisher(amqp_url: str) -> Generator[Publisher]:
    with closing(Publisher(amqp_url)) as result:
        yield result


@pytest.fixture
def turns(pool: Pool, database_url: str, publisher: Publisher, amqp_url: str, clock: Clock) -> list[Turn]:
    """Of everything that a scheduler with every setting does."""
    settings = load({"SMS_AMQP_URL": amqp_url, "SMS_DATABASE_URL": database_url, "SMS_SECRET_KEY": SECRET})
    assert isinstance(settings, Settings)
    ending, seal = threading.Event(), Seal([SECRET])
    asking = collection(settings, pool, ConfigurationCache(), seal, key_state(pool, seal), ending)
    own = Balances(pool, seal, TurboSms(settings.turbosms_url, deadline_s=BALANCE_S), ending), asking
    return turns_of(timetable(pool, publisher, *own), pool, now=clock.now)


def answers(health: Health) -> dict[str, list[str]]:
    """What each probe answers."""
    return {"/livez": health.liveness().faults, "/readyz": health.readiness().faults}


WELL: dict[str, list[str]] = {"/livez": [], "/readyz": []}


def nothing(_name: str) -> None:
    """A task that finds nothing to do."""


def test_a_scheduler_is_ready_between_turns_of_its_rarest_task(clock: Clock, turns: list[Turn]) -> None:
    scheduler = Scheduler(clock, turns, nothing)
    assert max(turn.task.every.total_seconds() for turn in turns) > 60 * MINUTES

    for _ in clock.seconds():
        scheduler.turn()
        assert answers(scheduler.health) == WELL


@pytest.mark.parametrize("failing", ["purge", "partitions", "release"])
def test_a_task_that_failed_once_is_undone_until_it_is_tried_again_soon(
    clock: Clock, turns: list[Turn], failing: str
) -> None:
    failures = iter([OSError()])

    def run(name: str) -> None:
        if name == failing and (error := next(failures, None)):
            raise error

    scheduler = Scheduler(clock, turns, run)
    for second in clock.seconds():
        scheduler.turn()
        if second == 0:
            assert answers(scheduler.health) == {"/livez": [], "/readyz": [f"task {failing} fails: OSError"]}
        if second > AGAIN_S:
            assert answers(scheduler.health) == WELL


def test_a_long_run_is_alive_and_an_endless_run_is_dead(clock: Clock, turns: list[Turn]) -> None:
    results: list[list[str]] = []

    def run(name: str) -> None:
        if name == "purge":
            for passed in (RUN_MAX_S, 1.0):
                clock.now += passed
                results.append(scheduler.faults("upkeep"))

    scheduler = Scheduler(clock, turns, run)
    scheduler.turn()

    assert results == [[], [f"the thread of upkeep has been at purge for {RUN_MAX_S + 1:.0f} s"]]


def test_a_line_that_sleeps_past_its_turn_is_dead(clock: Clock, turns: list[Turn]) -> None:
    scheduler = Scheduler(clock, turns, nothing)
    scheduler.turn()

    clock.now += 60 + LOOP_S
    assert scheduler.faults("upkeep") == []
    clock.now += 1
    assert scheduler.faults("upkeep") == [f"the thread of upkeep has not turned for {LOOP_S + 1:.0f} s"]


def test_a_frozen_main_loop_is_dead(clock: Clock) -> None:
    health = Health("console", clock=clock)
    health.runs(Work)

    for _ in clock.seconds():
        health.turn()
        assert answers(health) == WELL
    clock.now += LOOP_S + 1

    assert answers(health)["/livez"] == [f"the main loop has not turned for {LOOP_S + 2:.0f} s"]


def test_a_lasting_fault_is_logged_once_and_once_when_over(clock: Clock) -> None:
    health, checks = Health("worker", clock=clock), list[CheckFacts]()
    health.runs(lambda: Work(checks=checks))

    with structlog.testing.capture_logs() as log_entries:
        for second in clock.seconds():
            is_away = 100 < second < 300 or second % 7 == 0
            checks[:] = [CheckFacts("PostgreSQL", f"no answer for {second} s", clock.now)] if is_away else []
            health.turn()

    assert [entry["event"] for entry in log_entries] == ["process.unready", "process.ready"]
    assert log_entries[0]["faults"] == ["PostgreSQL: no answer for 111 s"]


def test_a_check_holds_as_long_as_it_is_made(clock: Clock) -> None:
    check, health = Check("PostgreSQL", lambda: None, clock=clock), Health("worker", clock=clock)
    health.runs(lambda: Work(checks=[check.facts]))

    for second in clock.seconds():
        health.turn()
        if second % EVERY_S == 0:
            check.run()
        assert answers(health) == WELL
    check.close()
    clock.now += STALE_S

    assert answers(health)["/readyz"] == ["PostgreSQL: no answer for 25 s"]


@pytest.fixture
def worker(amqp_url: str, clock: Clock) -> Generator[dramatiq.Worker]:
    with closing(Publisher(amqp_url)) as publisher:
        broker = SmsBroker(amqp_url, shares={}, publisher=publisher, presence=PRESENCE, obstacle=lambda: None)
        broker.clock = clock
        worker = dramatiq.Worker(broker, queues=set(QUEUES), worker_threads=1, worker_timeout=20)
        worker.start()
        for queue in QUEUES:
            broker.declare_queue(queue)
        yield worker
        worker.stop()


def test_a_worker_that_looks_at_its_queues_is_alive_and_ready(
    worker: dramatiq.Worker, publisher: Publisher, clock: Clock
) -> None:
    watchdog = Watchdog(worker, publisher, clock=clock)
    health = Health("worker", clock=clock)
    health.runs(lambda: Work(watchdog.threads(), watchdog.consumers()))
    wait_until(lambda: answers(health) == WELL, "the consumers consume")

    for _ in clock.seconds(step=int(LATELY_S)):
        wait_until(lambda: answers(health)["/readyz"] == [], "every consumer has looked at its queue")
        watchdog.look()
        assert not health.turn().fatal
        assert answers(health)["/livez"] == []

"""The scheduler: looks at the timetable, runs what is due, and goes on whatever one run came to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

from schedules.gauges import BALANCE_S, Balances
from schedules.receipts import Collection
from schedules.timetable import Task, timetable
from worker import logs, metrics
from worker.boot import alert, ending_event, proofs, wait_for_postgres
from worker.broker import announce_away, announce_back
from worker.door import listening
from worker.health import Health, nothing
from worker.logs import log
from worker.publisher import Publisher
from worker.rabbitmq import Presence
from worker.settings import Address, Settings
from worker.steps.collect import AT_ONCE, Collector
from worker.store.configuration import ConfigurationCache
from worker.store.postgres import Pool, open_pool
from worker.store.secrets import Seal
from worker.turbosms.client import TurboSms

LISTEN = Address("127.0.0.1", 9465)
#: A task that is late by more than this is not done as the timetable says.
LATE_S = 10.0


@dataclass(slots=True)
class Turn:
    """A task and when it runs next, in seconds of the process's own steady clock; `failure` is its last run's."""

    task: Task
    next_at: float
    has_run: bool = False
    lag_s: float = 0.0
    failure: str | None = None


def run(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT; any number of schedulers may run at once. The answer is the exit code.

    Raises:
        ListenError: the address of `SMS_LISTEN` cannot be had.
    """
    logs.configure("scheduler", settings.log_level)
    log.info("scheduler.starting")
    ending, health = ending_event(), Health("scheduler")
    with listening(settings.listens_at(LISTEN), LISTEN, {**health.places(), **metrics.place("scheduler")}):
        wait_for_postgres(settings, ending, health)
        if not ending.is_set():
            work(settings, ending, health)
    log.info("scheduler.stopped")
    return 0


def work(settings: Settings, ending: threading.Event, health: Health) -> None:
    """Follow the timetable until the end."""
    presence = Presence(announce_away, announce_back)
    pool = open_pool(settings.database_url, size=3 + AT_ONCE, name="perfectum-sms scheduler")
    publisher = Publisher(settings.amqp_url, name="scheduler publisher", presence=presence)
    began = time.monotonic()
    asking = timetable(pool, publisher, balances(settings, pool), collection(settings, pool, ending))
    turns = [Turn(task, began) for task in asking]
    for turn in turns:
        metrics.show_lag(turn.task.name, partial(lag, turn))
    log.info("scheduler.started", tasks=[turn.task.name for turn in turns])
    with proofs(pool, publisher) as proven:
        health.runs(dead=nothing, idle=lambda now: chain(proven(now), undone(turns, now=now)))
        while not ending.is_set():
            health.turn()
            tick(turns, now=time.monotonic())
            wait(ending, min(turn.next_at for turn in turns))
    health.ends()
    publisher.close()
    pool.close()


def balances(settings: Settings, pool: Pool) -> Balances | None:
    """Asks for money, where this process has the key that opens tokens."""
    if not settings.secret_key.get_secret_value():
        return None
    return Balances(pool, Seal(settings.secret_keys), TurboSms(settings.turbosms_url, deadline_s=BALANCE_S))


def collection(settings: Settings, pool: Pool, ending: threading.Event) -> Collection | None:
    """Asks for receipts, where this process has the key that opens tokens."""
    if not settings.secret_key.get_secret_value():
        return None
    provider, seal = TurboSms(settings.turbosms_url), Seal(settings.secret_keys)
    return Collection(Collector(pool, ConfigurationCache(), provider, seal, alert, metrics.measure), ending)


def lag(turn: Turn) -> float:
    """How late a task is, or was when it ran last."""
    return max(0.0, turn.lag_s, time.monotonic() - turn.next_at)


def undone(turns: Sequence[Turn], *, now: float) -> Iterable[str]:
    """Tasks that are not done as the timetable says, in words."""
    for turn in turns:
        if turn.failure:
            yield f"task {turn.task.name} fails: {turn.failure}"
        elif not turn.has_run:
            yield f"task {turn.task.name} has not run yet"
        elif now - turn.next_at > LATE_S:
            yield f"task {turn.task.name} is late by {now - turn.next_at:.0f} s"


def tick(turns: list[Turn], *, now: float) -> None:
    """Run every task whose time has come."""
    for turn in turns:
        if turn.next_at <= now:
            turn.lag_s = now - turn.next_at
            turn.next_at = now + turn.task.every.total_seconds()
            attempt(turn, turn.task.run)


def attempt(turn: Turn, act: Callable[[], object]) -> None:
    """One run; a failure is said once and tried again at the next turn."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 (the next task must not pay for this one)
        if not turn.failure:
            log.warning("task.failed", task=turn.task.name, exc_info=error)
        turn.failure = type(error).__name__
        return
    if turn.failure:
        log.info("task.recovered", task=turn.task.name)
    turn.has_run, turn.failure = True, None


def wait(ending: threading.Event, until: float) -> None:
    """Sleep until the next turn or the end."""
    ending.wait(max(0.0, until - time.monotonic()))

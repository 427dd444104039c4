"""The scheduler: looks at the timetable, runs what is due, and goes on whatever one run came to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from schedules.timetable import Task, timetable
from worker import logs
from worker.boot import ending_event, wait_for_postgres
from worker.broker import announce_away, announce_back
from worker.logs import log
from worker.publisher import Publisher
from worker.rabbitmq import Presence
from worker.settings import Settings
from worker.store.postgres import open_pool


@dataclass(slots=True)
class Turn:
    """A task and when it runs next, in seconds of the process's own steady clock."""

    task: Task
    next_at: float = 0.0
    has_failed: bool = False


def run(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT; any number of schedulers may run at once. The answer is the exit code."""
    logs.configure("scheduler", settings.log_level)
    ending = ending_event()
    wait_for_postgres(settings, ending)
    presence = Presence(announce_away, announce_back)
    pool = open_pool(settings.database_url, size=2, name="perfectum-sms scheduler")
    publisher = Publisher(settings.amqp_url, name="scheduler publisher", presence=presence)
    turns = [Turn(task) for task in timetable(pool, publisher)]
    log.info("scheduler.started", tasks=[turn.task.name for turn in turns])
    while not ending.is_set():
        tick(turns, now=time.monotonic())
        wait(ending, min(turn.next_at for turn in turns))
    publisher.close()
    pool.close()
    log.info("scheduler.stopped")
    return 0


def tick(turns: list[Turn], *, now: float) -> None:
    """Run every task whose time has come."""
    for turn in turns:
        if turn.next_at <= now:
            turn.next_at = now + turn.task.every.total_seconds()
            attempt(turn, turn.task.run)


def attempt(turn: Turn, act: Callable[[], object]) -> None:
    """One run; a failure is said once and tried again at the next turn."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 (the next task must not pay for this one)
        if not turn.has_failed:
            log.warning("task.failed", task=turn.task.name, exc_info=error)
        turn.has_failed = True
        return
    if turn.has_failed:
        log.info("task.recovered", task=turn.task.name)
    turn.has_failed = False


def wait(ending: threading.Event, until: float) -> None:
    """Sleep until the next turn or the end."""
    ending.wait(max(0.0, until - time.monotonic()))

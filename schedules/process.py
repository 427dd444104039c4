"""The scheduler process: runs every task of the timetable until it is asked to end."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial

from schedules.poll_balances_and_queues import BALANCE_S, Balances
from schedules.poll_receipts import Collection
from schedules.publish_outcomes import Outcomes
from schedules.task_status import Turn, runner, save_status
from schedules.task_thread import TaskThread
from schedules.timetable import Task, timetable
from worker.amqp.broker import announce_away, announce_back
from worker.amqp.connection import Presence
from worker.amqp.publisher import Publisher
from worker.bootstrap import LINGER_S, alert, checks_of, end_by_force_after, ending_event, key_state, wait_for_postgres
from worker.health import metrics
from worker.health.assessment import CheckFacts, Work
from worker.health.check import checking
from worker.health.outcome_log import report
from worker.health.status import Health
from worker.logs import setup as logs_setup
from worker.logs.setup import log
from worker.settings.environment import Address, Settings
from worker.steps.operate.key_state import KeyState
from worker.steps.receipts.poll import AT_ONCE, Collector
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, is_caused_by_input, open_pool
from worker.turbosms.client import TurboSms
from worker.turbosms.reachability import Reach
from worker.web.probes import probed

LISTEN = Address("127.0.0.1", 9465)
LOOK_EVERY_S = 1.0
#: What is in hand at the end has this long to finish.
END_S = 10.0
#: At start all tasks run at once; soon few of them do.
IDLE_S = 5.0
#: How often the status of the tasks is saved for others.
STATUS_EVERY = timedelta(seconds=5)


def run(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT and return the exit code; any number of schedulers may run at once.

    Raises:
        ListenError: the address of `SMS_LISTEN` cannot be had.
    """
    logs_setup.configure("scheduler", settings.log_level)
    log.info("scheduler.starting")
    ending, health = ending_event(), Health("scheduler")
    with probed(settings.listens_at(LISTEN), LISTEN, health):
        wait_for_postgres(settings, ending, health)
        if not ending.is_set():
            work(settings, ending, health)
    log.info("scheduler.stopped")
    end_by_force_after(LINGER_S, 0)
    return 0


def work(settings: Settings, ending: threading.Event, health: Health) -> None:
    presence = Presence(announce_away, announce_back)
    pool = open_pool(settings.database_url, size=6 + AT_ONCE, name="perfectum-sms scheduler", idle_s=IDLE_S)
    publisher = Publisher(settings.amqp_url, name="scheduler publisher", presence=presence)
    seal = Seal(settings.secret_keys) if settings.secret_key.get_secret_value() else None
    key = key_state(pool, seal) if seal else None
    cache = ConfigurationCache()
    warm(cache, pool)
    asking = collection(settings, pool, cache, seal, key, ending) if seal and key else None
    money = Balances(pool, seal, TurboSms(settings.turbosms_url, deadline_s=BALANCE_S), ending) if seal else None
    teller = Publisher(settings.amqp_url, name="scheduler outcomes", presence=presence)
    tasks = timetable(pool, publisher, money, asking, Outcomes(pool, teller), cache=cache)
    turns = turns_of(tasks, pool, now=time.monotonic())
    log.info("scheduler.started", tasks=[turn.task.name for turn in turns])
    threads = [TaskThread(name, list(own), ending) for name, own in by_thread(turns).items()]
    with checking(checks_of(pool, publisher, key)) as checks:
        for thread in threads:
            thread.start()
        health.runs(partial(parts, threads, turns, checks))
        while not ending.wait(LOOK_EVERY_S):
            health.turn()
    health.ends()
    for thread in threads:
        thread.end(END_S)
    publisher.close()
    teller.close()
    pool.close()


def warm(cache: ConfigurationCache, pool: Pool) -> None:
    """Read the configuration now, so that no task's transaction reads all of it; PostgreSQL may be away meanwhile."""
    try:
        cache.fresh(pool)
    except Exception as error:
        if is_caused_by_input(error):
            raise


def by_thread(turns: Sequence[Turn]) -> Mapping[str, Sequence[Turn]]:
    threads = dict.fromkeys(turn.task.thread for turn in turns)
    return {thread: [turn for turn in turns if turn.task.thread == thread] for thread in threads}


def turns_of(tasks: Sequence[Task], pool: Pool, *, now: float) -> list[Turn]:
    turns = list[Turn]()
    report = Task("status", STATUS_EVERY, partial(save_status, pool, turns, runner()))
    turns += [Turn(task, now) for task in [*tasks, report]]
    for turn in turns:
        metrics.LAG.labels(turn.task.name).set_function(partial(lag, turn))
    return turns


def collection(
    settings: Settings, pool: Pool, cache: ConfigurationCache, seal: Seal, key: KeyState, ending: threading.Event
) -> Collection:
    provider = TurboSms(settings.turbosms_url, on_reachability=Reach().record)
    collector = Collector(pool, cache, provider, seal, alert, report)
    return Collection(collector, ending, lambda: not key.is_shut)


def lag(turn: Turn) -> float:
    return max(0.0, turn.lag_s, time.monotonic() - turn.next_at)


def parts(threads: Sequence[TaskThread], turns: Sequence[Turn], checks: Callable[[], list[CheckFacts]]) -> Work:
    return Work(threads=[thread.facts() for thread in threads], checks=checks(), tasks=[turn.facts() for turn in turns])

"""The worker process: consume until a signal to end, then finish the work in hand."""

import gc
import threading
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial

import dramatiq

from worker.actors import add_actors
from worker.amqp.broker import BATCH_ACTORS
from worker.amqp.topology import QUEUES
from worker.bootstrap import (
    LINGER_S,
    Ports,
    begin_tracing,
    checks_of,
    connections,
    end_by_force_after,
    ending_event,
    wait_for_postgres,
)
from worker.health import metrics
from worker.health.assessment import CheckFacts, Work
from worker.health.check import checking
from worker.health.status import Health
from worker.health.watchdog import LOOK_S, Watchdog
from worker.logs import setup as logs_setup
from worker.logs.setup import log
from worker.settings.environment import Address, Settings
from worker.tracing import spans
from worker.web.probes import probed

#: Above the provider's deadline, below the 30 s that supervisors usually grant.
DRAIN_S = 25.0
#: Something died: the rest gets this long, and the teardown as much again.
DEAD_DRAIN_S = 5.0
#: The exit code then; EX_SOFTWARE of BSD's sysexits.h.
DEAD = 70
#: How often Dramatiq's threads look up from waiting; it bounds how long an idle worker takes to end.
LOOK_UP_MS = 200
LISTEN = Address("127.0.0.1", 9464)
#: New objects between two collections: what two batches make.
YOUNG_OBJECTS = 50_000


def run_worker(settings: Settings, *, queues: Sequence[str] = (), threads: int = 16) -> int:
    """Work until SIGTERM or SIGINT, then finish what is in hand; return the exit code.

    It is 70 when a thread died or a consumer hangs: whoever supervises starts a new process, which consumes.

    Raises:
        ListenError: the address of `SMS_LISTEN` cannot be had.
    """
    logs_setup.configure("worker", settings.log_level)
    begin_tracing(settings, "worker")
    collect_seldom()
    log.info("worker.starting")
    ending, health = ending_event(), Health("worker")
    with probed(settings.listens_at(LISTEN), LISTEN, health):
        wait_for_postgres(settings, ending, health)
        return 0 if ending.is_set() else work(settings, ending, health, queues=set(queues or QUEUES), threads=threads)


def collect_seldom() -> None:
    """Let the garbage collector look at young objects seldom, and never at what was imported.

    A batch makes tens of thousands of objects that all go when it is over; looking for cycles among them after every
    700, as Python does, took a fifth of the time of accepting them.
    """
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)


def work(settings: Settings, ending: threading.Event, health: Health, *, queues: Collection[str], threads: int) -> int:
    with connections(settings, ending, health, queues=queues, threads=threads) as (broker, ports):
        add_actors(broker, ports)
        worker = dramatiq.Worker(broker, queues=set(queues), worker_threads=threads, worker_timeout=LOOK_UP_MS)
        worker.start()
        log.info("worker.started", queues=sorted(queues), threads=threads)
        watchdog = Watchdog(worker, ports.publisher)
        for queue in BATCH_ACTORS.keys() & set(queues):
            metrics.UNSETTLED.labels(queue).set_function(partial(watchdog.unsettled_s, queue))
        with checking(checks_of(ports.intake.pool, ports.publisher, ports.key)) as checks:
            health.runs(partial(parts, watchdog, ports, checks))
            dead = wait(ending, watchdog, health)
        health.ends()
        if dead:
            log.critical("worker.dead", what=dead)
            end_by_force_after(2 * DEAD_DRAIN_S, DEAD)
            ending.set()
        log.info("worker.draining")
        limit_s = DEAD_DRAIN_S if dead else DRAIN_S
        until = time.monotonic() + limit_s
        worker.stop(timeout=int(limit_s * 1000))
        ports.straight_posts.drain(max(0.0, until - time.monotonic()))
    log.info("worker.stopped")
    code = DEAD if dead else 0
    end_by_force_after(LINGER_S, code)
    spans.end()
    return code


def wait(ending: threading.Event, watchdog: Watchdog, health: Health) -> list[str]:
    """Wait until the process is to end; return why it is not alive any more, if so."""
    while not ending.wait(LOOK_S):
        watchdog.look()
        if fatal := health.turn().fatal:
            return fatal
    return []


def parts(watchdog: Watchdog, ports: Ports, checks: Callable[[], list[CheckFacts]]) -> Work:
    return Work(
        threads=watchdog.threads(),
        consumers=watchdog.consumers(),
        checks=checks(),
        sending=ports.outage.fault(now=time.monotonic()),
    )

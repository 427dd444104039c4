"""The worker process: consumes until it is told to end, then finishes what is in hand."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence

import dramatiq

from worker import logs
from worker.actors import add_actors
from worker.boot import connections, ending_event, wait_for_postgres
from worker.logs import log
from worker.settings import Settings
from worker.topology import QUEUES
from worker.watch import Watch

#: Above the provider's deadline, below the 30 s that supervisors usually grant.
DRAIN_S = 25.0
#: Something died: the rest gets this long, and the teardown as much again.
DEAD_DRAIN_S = 5.0
#: The exit code then; EX_SOFTWARE of BSD's sysexits.h.
DEAD = 70
#: How often Dramatiq's threads look up from waiting; it bounds how long an idle worker takes to end.
LOOK_UP_MS = 200


def run_worker(settings: Settings, *, queues: Sequence[str] = (), threads: int = 16) -> int:
    """Work until SIGTERM or SIGINT, then finish what is in hand; the answer is the exit code.

    It is 70 when a thread died or a consumer hangs: whoever supervises starts a new process, which consumes.
    """
    logs.configure("worker", settings.log_level)
    ending = ending_event()
    wait_for_postgres(settings, ending)
    if ending.is_set():
        return 0
    wanted = set(queues or QUEUES)
    with connections(settings, ending, queues=wanted, threads=threads) as (broker, ports):
        add_actors(broker, ports)
        worker = dramatiq.Worker(broker, queues=wanted, worker_threads=threads, worker_timeout=LOOK_UP_MS)
        worker.start()
        log.info("worker.started", queues=sorted(wanted), threads=threads)
        dead = Watch(worker, ports.publisher).wait(ending)
        if dead:
            log.critical("worker.dead", what=dead)
            end_by_force_after(2 * DEAD_DRAIN_S)
            ending.set()
        log.info("worker.draining")
        worker.stop(timeout=int((DEAD_DRAIN_S if dead else DRAIN_S) * 1000))
    log.info("worker.stopped")
    return DEAD if dead else 0


def end_by_force_after(seconds: float) -> None:
    """What killed a thread may hang the teardown too; the process ends all the same."""
    timer = threading.Timer(seconds, os._exit, (DEAD,))
    timer.daemon = True
    timer.start()

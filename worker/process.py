"""The worker process: consumes until it is told to end, then finishes what is in hand."""

from __future__ import annotations

from collections.abc import Sequence

import dramatiq

from worker import logs
from worker.actors import add_actors
from worker.boot import connections, ending_event, wait_for_postgres
from worker.logs import log
from worker.settings import Settings
from worker.topology import QUEUES

#: Above the provider's deadline, below the 30 s that supervisors usually grant.
DRAIN_S = 25.0
#: How often Dramatiq's threads look up from waiting; it bounds how long an idle worker takes to end.
LOOK_UP_MS = 200


def run_worker(settings: Settings, *, queues: Sequence[str] = (), threads: int = 8) -> int:
    """Work until SIGTERM or SIGINT, then finish what is in hand; the answer is the exit code."""
    logs.configure("worker", settings.log_level)
    ending = ending_event()
    wait_for_postgres(settings, ending)
    if ending.is_set():
        return 0
    with connections(settings, ending, threads=threads) as (broker, ports):
        add_actors(broker, ports)
        wanted = set(queues or QUEUES)
        worker = dramatiq.Worker(broker, queues=wanted, worker_threads=threads, worker_timeout=LOOK_UP_MS)
        worker.start()
        log.info("worker.started", queues=sorted(wanted), threads=threads)
        ending.wait()
        log.info("worker.draining")
        worker.stop(timeout=int(DRAIN_S * 1000))
    log.info("worker.stopped")
    return 0

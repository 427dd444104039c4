"""The test build of the processes: `python -m tests.faults.harness.build worker|scheduler|console|nursery`.

Before anything else of the product is imported it shortens the waits that FAULTS_WAITS names
(`LEASE=4,NUDGE_WAIT=2`, in seconds); then it arms the failpoints of FAILPOINTS and runs the product's own process. A
worker has FAULTS_THREADS threads; the thread that FAULTS_DOOMED names ends soon.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from worker.core.clock import timeouts

WAITS, THREADS, DOOMED = "FAULTS_WAITS", "FAULTS_THREADS", "FAULTS_DOOMED"
FAILPOINTS, SEED = "FAILPOINTS", "FAILPOINTS_SEED"


def shorten(environ: Mapping[str, str]) -> None:
    """Set the waits anew; a name that is none is an error, so that no row believes in a wait of old."""
    for text in filter(None, environ.get(WAITS, "").split(",")):
        name, _, seconds = text.partition("=")
        if not isinstance(getattr(timeouts, name, None), timedelta):
            raise SystemExit(f"{WAITS}: {name} is no wait of worker.core.clock.timeouts")
        setattr(timeouts, name, timedelta(seconds=float(seconds)))


def run(role: str, arguments: Sequence[str]) -> int:
    """Be a worker, scheduler or console until SIGTERM; the answer is the exit code. A worker's arguments are queues."""
    from tests.faults.harness.failpoints import armed  # noqa: PLC0415 (the waits come first)
    from tests.faults.harness.threads import end_soon  # noqa: PLC0415 (likewise)
    from worker import failpoint  # noqa: PLC0415 (likewise)
    from worker.settings.environment import EVERYTHING, Settings, load  # noqa: PLC0415 (likewise)

    if plan := os.environ.get(FAILPOINTS):
        act = armed(plan, seed=os.environ.get(SEED, ""))
        failpoint.arm(act)
        reach_retries(act)
    if doomed := os.environ.get(DOOMED):
        end_soon(doomed)
    settings = load(os.environ, needs=EVERYTHING)
    if not isinstance(settings, Settings):
        raise SystemExit("; ".join(map(str, settings)))
    if role == "scheduler":
        from schedules.process import run as run_scheduler  # noqa: PLC0415 (likewise)

        return run_scheduler(settings)
    if role == "console":
        from worker.web.process import run_console  # noqa: PLC0415 (likewise)

        return run_console(settings)
    from worker.process import run_worker  # noqa: PLC0415 (likewise)

    return run_worker(settings, queues=arguments, threads=int(os.environ.get(THREADS, "16")))


def reach_retries(act: Callable[[str], None]) -> None:
    """Be at a boundary between a retry's publication and the acknowledgement of the nudge that failed."""
    from tests.faults.harness.failpoints import RETRIED  # noqa: PLC0415 (the waits come first)
    from worker.amqp.broker import NUDGE_RETRIES  # noqa: PLC0415 (likewise)

    publish: Callable[..., None] = NUDGE_RETRIES.after_process_message

    def published(*given: object, exception: BaseException | None = None, **more: object) -> None:
        publish(*given, exception=exception, **more)
        if exception:
            act(RETRIED)

    NUDGE_RETRIES.after_process_message = published


def main(role: str, arguments: Sequence[str]) -> int:
    """The command line."""
    shorten(os.environ)
    if role == "nursery":
        from tests.faults.harness.nursery import serve  # noqa: PLC0415 (likewise)

        return serve(run)
    return run(role, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

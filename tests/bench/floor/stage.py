"""The hand-written loop on a stage of its own, with the rows that ours left behind."""

import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench.floor.loop import READY
from tests.bench.processes import family
from tests.bench.servers import Servers
from tests.bench.stage import Stage, empty_ledger, fake_provider
from worker.settings.environment import AMQP, DATABASE, TURBOSMS


@contextmanager
def floor_stage(servers: Servers, rows: Path, folder: Path, *, mode: str) -> Generator[Stage]:
    """The loop in an empty database of our tables, ready."""
    with ExitStack() as stack:
        url, pool = empty_ledger(servers, stack)
        stand_in = stack.enter_context(fake_provider())
        environment = {AMQP: servers.amqp_url, DATABASE: url, TURBOSMS: stand_in.url}
        process = stack.enter_context(
            family(
                "worker-1",
                [sys.executable, "-m", "tests.bench.floor.loop", str(rows), mode],
                environment=environment,
                log=folder / "floor-worker-1.log",
                ready=READY,
            )
        )
        yield Stage(url, pool, stand_in, [process], servers)

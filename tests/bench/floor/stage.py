"""The hand-written loop on a stage of its own, with the rows that ours left behind."""

import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench.floor.loop import READY
from tests.bench.processes import family
from tests.bench.servers import Servers
from tests.bench.stage import ACCOUNTS, Stage, fake_provider
from tests.support.broker import delete_everything
from tests.support.crm import add_account
from worker.settings.environment import AMQP, DATABASE, TURBOSMS
from worker.store.db.postgres import open_pool
from worker.store.db.temporary_database import migrated_database


@contextmanager
def floor_stage(servers: Servers, rows: Path, folder: Path) -> Generator[Stage]:
    """The loop in an empty database of our tables, ready."""
    delete_everything(servers.amqp_url)
    with ExitStack() as stack:
        url = stack.enter_context(migrated_database(servers.database_url, prefix="floor"))
        pool = stack.enter_context(open_pool(url, size=2, name="bench"))
        for number in range(ACCOUNTS):
            add_account(pool, f"bench-{number}", token=f"token-of-bench-{number}")
        stand_in = stack.enter_context(fake_provider())
        environment = {AMQP: servers.amqp_url, DATABASE: url, TURBOSMS: stand_in.url}
        process = stack.enter_context(
            family(
                "worker-1",
                [sys.executable, "-m", "tests.bench.floor.loop", str(rows)],
                environment=environment,
                log=folder / "floor-worker-1.log",
                ready=READY,
            )
        )
        yield Stage(url, pool, stand_in, [process], servers)

"""An earlier release is replaced under load, as deploy/upgrade.md says, and put back: nothing is lost or doubled."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

from tests.faults.harness.environment import ACCOUNTS, Stage, moment, token_of
from tests.faults.harness.fleet import Fleet
from tests.faults.harness.nursery import Nursery
from tests.faults.harness.releases import Release, release
from tests.faults.harness.row import Result
from tests.faults.harness.timeouts import WAITS
from tests.faults.postgresql.schemas import STARTED, ended
from tests.faults.workers.process_ends import faulted, until_more_came
from tests.support.later_migrations import start_migrate
from tests.support.waiting import wait_until
from worker.store.db.postgres import open_pool
from worker.store.db.temporary_database import scratch_database

PACE = 40.0
AWAY = "run perfectum-sms migrate: the schema lacks"


def rolled(stage: Stage, runs: int) -> Result:
    """Beside v0.2.0 at work ours start and wait, migrate is run, both work and die, v0.2.0 ends, and returns."""
    before = release("v0.2.0")
    with scratch_database(stage.servers.pair.database_url, prefix="faults") as url:
        before.install(url, {account: token_of(account) for account in ACCOUNTS})
        with open_pool(url, size=4, name="faults") as pool:
            ours = replace(stage, database_url=url, pool=pool)
            with stage_of_release(ours, before) as theirs:
                return rolled_out_and_back(ours, theirs, runs)


@contextmanager
def stage_of_release(stage: Stage, before: Release) -> Generator[Stage]:
    """The same system, where the processes are those of an earlier release."""
    folder = stage.folder / before.name
    folder.mkdir(exist_ok=True)
    nursery = Nursery("tests.faults.harness.build", "nursery", folder=before.folder, FAULTS_WAITS=WAITS)
    try:
        yield replace(stage, folder=folder, servers=replace(stage.servers, nurseries={WAITS: nursery}))
    finally:
        nursery.close()


def rolled_out_and_back(ours: Stage, theirs: Stage, runs: int) -> Result:
    """Under load all the time."""
    faults: list[str] = []
    with theirs.fleet() as old:
        load = ours.publish(ours.events.stream(), pace=PACE)
        until_more_came(ours)
        with ours.fleet(is_awaited=False) as new:
            faults += migrated_for(ours, new)
            for _ in range(runs):
                for fleet in (old, new):
                    fleet.kill()
                    until_more_came(ours)
            old.stop()
            faults += theirs.misbehaviour(old)
            until_more_came(ours)
            with theirs.fleet() as again:
                new.stop()
                faults += ours.misbehaviour(new)
                began = moment()
                until_more_came(ours)
                load.finish()
                figures = {"killed of each": runs}
                result = theirs.result(again, runs=2 * runs, since=began, figures=figures)
    return faulted(result, faults)


def migrated_for(stage: Stage, new: Fleet) -> Generator[str]:
    """Ours wait on the schema of before, and say for what; then they begin by themselves."""
    wait_until(lambda: len(waiting(new)) >= len(new.slots), "each says what the schema lacks")
    until_more_came(stage)
    if new.log_lines(STARTED):
        yield "a worker started without its schema"
    migrating = ended(start_migrate(stage.database_url))
    if migrating.code:
        yield f"migrate ended with {migrating.code}: {migrating.text[-200:]}"
    new.wait_ready()


def waiting(fleet: Fleet) -> list[object]:
    return [line for line in fleet.log_lines("postgresql.away") if AWAY in line["sms.reason"]]

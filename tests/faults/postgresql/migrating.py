"""The schema changes under load while a real pg_dump reads all of it: nobody is held for long, nobody deadlocks."""

import subprocess
import tempfile
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg

from deploy.schema import pg_dump
from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.fleet import Fleet
from tests.faults.harness.row import Result
from tests.faults.postgresql.schemas import ended
from tests.faults.workers.process_ends import faulted, until_more_came
from tests.support.crm import row
from tests.support.later_migrations import OURS, start_migrate, write_release
from tests.support.waiting import wait_until

PACE = 40.0
DUMP_S = 40.0
HELD_MOST_S = 2.0
LOOK_S = 0.03
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
#: The longest wait of our processes for a table.
HELD = """
SELECT coalesce(extract(EPOCH FROM max(clock_timestamp() - l.waitstart)), 0)::float
FROM pg_locks AS l
INNER JOIN pg_stat_activity AS a ON l.pid = a.pid
WHERE
    NOT l.granted AND l.locktype = 'relation' AND a.datname = current_database()
    AND a.application_name LIKE 'perfectum-sms %' AND a.application_name <> 'perfectum-sms cli'
"""
READS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pg_dump' AND xact_start IS NOT NULL"


@dataclass(slots=True)
class Held:
    """The longest that any statement of ours has waited for a table so far."""

    seconds: float = 0.0
    ending: threading.Event = field(default_factory=threading.Event)


def migrated_beside(stage: Stage, runs: int) -> Result:
    """Migrate to the next release under load, then to the release after it under load and beside a dump of 40 s."""
    with tempfile.TemporaryDirectory() as address, stage.fleet() as fleet, watching(stage.database_url) as held:
        [before] = row(stage.pool, DEADLOCKS)
        load = stage.publish(stage.events.stream(), pace=PACE)
        until_more_came(stage)
        complaints = [ended(start_migrate(stage.database_url, write_release(Path(address), OURS + 1)))]
        under_load = held.seconds
        with dump(stage):
            began, created = moment(), stage.provider.state()["created"]
            migrator = start_migrate(stage.database_url, write_release(Path(address), OURS + 2))
            time.sleep(DUMP_S)
            meanwhile = stage.provider.state()["created"] - created
            is_patient = migrator.poll() is None
        complaints.append(ended(migrator))
        took = moment() - began
        until_more_came(stage)
        load.finish()
        result = stage.result(fleet, runs=runs, since=moment())
        [after] = row(stage.pool, DEADLOCKS)
    figures = {
        "held s under load": round(under_load, 2),
        "held s beside a dump": round(held.seconds, 2),
        "deadlocks": after - before,
        "sent beside the dump": meanwhile,
        "migrated after s of a dump of 40": round(took, 1),
    }
    faults = [
        f"migrate ended with {complaint.code}: {complaint.text[-200:]}" for complaint in complaints if complaint.code
    ]
    faults += [f"somebody was held for {held.seconds:.1f} s"] if held.seconds > HELD_MOST_S else []
    faults += [f"{after - before} deadlocks"] if after != before else []
    faults += [] if is_patient and "pg_dump" in complaints[-1].text else ["migrate did not say what it waited for"]
    return faulted(replace(result, figures=figures), [*faults, *unsettled(fleet)])


def unsettled(fleet: Fleet) -> list[str]:
    """Batches that went back to their queue for it."""
    returned = len(fleet.log_lines("batch.returned"))
    return [f"{returned} batches went back"] if returned else []


@contextmanager
def dump(stage: Stage) -> Generator[None]:
    """A real pg_dump that has locked every table, and goes on writing when the block ends."""
    command = [pg_dump(), f"--dbname={stage.database_url}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        wait_until(lambda: row(stage.pool, READS)[0], "it reads")
        try:
            yield
        finally:
            process.communicate()
    assert process.returncode == 0, "pg_dump failed"


@contextmanager
def watching(url: str) -> Generator[Held]:
    """Look all the time how long anybody waits for a table."""
    held = Held()

    def look() -> None:
        with psycopg.connect(url, autocommit=True, application_name="watching") as connection:
            while not held.ending.wait(LOOK_S):
                [[seconds]] = connection.execute(HELD).fetchall()
                held.seconds = max(held.seconds, seconds)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        held.ending.set()
        thread.join()

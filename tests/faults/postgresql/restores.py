"""The database is lost under load and comes back from a dump, as deploy/backup.md says.

Nothing is lost of what the CRM publishes again, and only what was sent after the dump may go twice.
"""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
from psycopg import sql

from deploy.schema import pg_dump
from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.nursery import CRASHED
from tests.faults.harness.releases import ROOT
from tests.faults.harness.row import Result
from tests.faults.verdict.evidence import ATTEMPTS
from tests.faults.workers.process_ends import faulted, until_more_came
from tests.support.crm import rows
from tests.support.waiting import wait_until
from worker.steps.operate.key_state import UNOPENED
from worker.store.db.postgres import open_pool
from worker.store.db.temporary_database import scratch_database

PACE = 40.0
#: The CRM publishes again what it published since so long before the dump.
AGAIN_S = 10.0
#: What the page has psql do after a restore.
PAGE = ROOT / "deploy/backup.md"
NUMBERS = re.compile(r"```sql\n(SELECT setval.*?;)\n```", re.DOTALL)
GONE = "ALTER DATABASE {} ALLOW_CONNECTIONS false"
THERE = "ALTER DATABASE {} ALLOW_CONNECTIONS true"
END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"


def restored(stage: Stage, runs: int) -> Result:
    """Dump, go on, lose it, restore it, begin with a wrong key and then with the right one; publish again."""
    dump = stage.folder / "sms.dump"
    with stage.fleet() as fleet:
        load = stage.publish(stage.events.stream(), pace=PACE)
        until_more_came(stage)
        dumped = moment()
        command = [pg_dump(), "--format=custom", f"--file={dump}", f"--dbname={stage.database_url}"]
        subprocess.run(command, check=True)
        until_more_came(stage)
        lose(stage)
        fleet.stop()
        faults = stage.misbehaviour(fleet)
    after = sum(message["created_at"] >= dumped for message in stage.provider.messages())
    lost_keys = keys_of_the_lost(stage)
    with scratch_database(stage.servers.pair.database_url, prefix="faults") as url:
        restore(dump, url)
        with open_pool(url, size=4, name="faults") as pool:
            again = replace(stage, database_url=url, pool=pool, lost_keys=lost_keys)
            faults += silent_with_a_wrong_key(again)
            with again.fleet() as fleet:
                began = moment()
                since = [each.publication for each in load.confirmed if each.at >= dumped - AGAIN_S]
                again.publish(since)
                until_more_came(again)
                load.finish()
                figures = {"published again": len(since), "sent after the dump": after}
                result = again.result(fleet, runs=runs, since=began, bound=allowed(after), figures=figures)
    return faulted(result, faults)


def allowed(count: int) -> Callable[[object], int]:
    return lambda _: count


def lose(stage: Stage) -> None:
    """Nobody gets into the database any longer."""
    name = stage.database_url.rpartition("/")[2]
    with psycopg.connect(stage.servers.pair.database_url, autocommit=True) as connection:
        connection.execute(sql.SQL(GONE).format(sql.Identifier(name)))
        connection.execute(END_ALL, (name,))


def keys_of_the_lost(stage: Stage) -> frozenset[str]:
    """What the checker may know, though nobody else does."""
    name = stage.database_url.rpartition("/")[2]
    with psycopg.connect(stage.servers.pair.database_url, autocommit=True) as connection:
        connection.execute(sql.SQL(THERE).format(sql.Identifier(name)))
    stage.pool.check()
    return frozenset(key for key, _ in rows(stage.pool, ATTEMPTS))


def restore(dump: Path, url: str) -> None:
    """As the page does, with the numbers moved on."""
    program = Path(pg_dump()).with_name("pg_restore")
    subprocess.run([program, "--no-owner", "--exit-on-error", f"--dbname={url}", dump], check=True)
    [statement] = NUMBERS.findall(PAGE.read_text())
    with psycopg.connect(url) as connection:
        connection.execute(statement.encode())


def silent_with_a_wrong_key(stage: Stage) -> list[str]:
    """Who has the database and not its key says so, and sends nothing."""
    created = stage.provider.state()["created"]
    with stage.fleet(workers=0, schedulers=0) as fleet:
        fleet.expected.add(CRASHED)  # it ends by SystemExit, which leaves the nursery with this code
        fleet.add("worker", SMS_SECRET_KEY="a key that opens nothing here")
        wait_until(lambda: fleet.log_lines(UNOPENED), "it says that its key opens nothing")
        fleet.stop()
        return [*stage.misbehaviour(fleet), *sent_since(stage, created)]


def sent_since(stage: Stage, created: int) -> list[str]:
    sent = stage.provider.state()["created"] - created
    return [f"{sent} were sent without the key"] if sent else []

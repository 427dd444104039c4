"""Code and schema that do not match, and migrators that die half-way or come two at a time."""

import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import psycopg
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.fleet import Fleet
from tests.faults.harness.row import Result
from tests.faults.workers.process_ends import faulted, until_more_came
from tests.support.crm import execute
from tests.support.later_migrations import OURS, RELEASES, start_migrate, write_release
from tests.support.waiting import PATIENCE_S, wait_until
from worker.store.db.migrations import migrate
from worker.store.db.temporary_database import scratch_database

PACE = 20.0
STARTED = "worker.started"
OUR_NEWEST, NEWEST = RELEASES[OURS - 1], RELEASES[-1]
DELETE_MIGRATION = "DELETE FROM schema_migrations WHERE file = %s"
REMEMBER = "INSERT INTO schema_migrations (file, checksum) VALUES (%s, %s)"
CHANGED = "UPDATE schema_migrations SET checksum = 'changed' WHERE file = %s"
UNCHANGED = "UPDATE schema_migrations SET checksum = %s WHERE file = %s"

#: Lets a statement be run and not be remembered; or a whole file.
HOLD_STEPS = "LOCK TABLE schema_steps IN SHARE MODE"
HOLD_FILES = "LOCK TABLE schema_migrations IN SHARE MODE"
HELD = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()
"""
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
#: Everything that files make: relations, their columns, constraints, functions, triggers.
CATALOGUE = """
SELECT 'relation', relname || '.' || relkind::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT
    'column', attrelid::regclass::text || '.' || attname || ' ' || atttypid::regtype::text || ' ' || attnotnull::text
FROM pg_attribute AS a INNER JOIN pg_class AS c ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL SELECT 'constraint', conrelid::regclass::text || '.' || conname FROM pg_constraint
WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'function', proname || ' ' || md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'trigger', tgrelid::regclass::text || '.' || tgname FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'file', file FROM schema_migrations
UNION ALL SELECT 'step', file || ' ' || step FROM schema_steps
"""
Catalogue = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Complaint:
    """How a command ended, and its output."""

    code: int
    text: str


def versions_apart(stage: Stage, runs: int) -> Result:
    """Old code works with a newer schema, new code waits for its schema, a file that was changed is refused."""
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as address, stage.fleet() as fleet:
        load = stage.publish(stage.events.stream(), pace=PACE)
        for _ in range(runs):
            until_more_came(stage)
            newer = ended(start_migrate(stage.database_url, write_release(Path(address), len(RELEASES))))
            faults += [f"the newer migrate ended with {newer.code}: {newer.text[-200:]}"] if newer.code else []
            until_more_came(stage)
            faults += left_alone(stage)
            faults += waited_for_its_schema(stage, fleet)
            until_more_came(stage)
        load.finish()
        result = stage.result(fleet, runs=runs, since=moment())
    return faulted(result, [*faults, *changed_file_refused(stage)])


def left_alone(stage: Stage) -> Iterator[str]:
    """An older migrator reports a newer schema and lets its workers start."""
    complaint = ended(start_migrate(stage.database_url))
    if complaint.code or NEWEST.file not in complaint.text:
        yield f"an older migrate ended with {complaint.code} on a newer schema"


def waited_for_its_schema(stage: Stage, fleet: Fleet) -> Iterator[str]:
    """A worker that starts before its schema exists reports it, and works once it does."""
    file, checksum = OUR_NEWEST.file, OUR_NEWEST.checksum
    reported, started = len(lacking(fleet, file)), len(fleet.log_lines(STARTED))
    execute(stage.pool, DELETE_MIGRATION, file)
    fleet.kill()
    wait_until(lambda: len(lacking(fleet, file)) > reported, "it reports what the schema lacks")
    if len(fleet.log_lines(STARTED)) > started:
        yield "a worker started without its schema"
    execute(stage.pool, REMEMBER, file, checksum)
    wait_until(lambda: len(fleet.log_lines(STARTED)) > started, "it works with its schema")


def lacking(fleet: Fleet, file: str) -> list[object]:
    """Lines that name the file that the schema lacks."""
    return [line for line in fleet.log_lines("postgresql.away") if file in str(line)]


def changed_file_refused(stage: Stage) -> Iterator[str]:
    """A migrator on a schema of other migrations does nothing, and names the file."""
    file, checksum = OUR_NEWEST.file, OUR_NEWEST.checksum
    before = catalogue(stage.database_url)
    execute(stage.pool, CHANGED, file)
    complaint = ended(start_migrate(stage.database_url))
    execute(stage.pool, UNCHANGED, checksum, file)
    if complaint.code != 1 or f"{file} was changed" not in complaint.text:
        yield f"migrate ended with {complaint.code} over a changed file"
    if catalogue(stage.database_url) != before:
        yield "migrate went on over a changed file"


def migrators_killed(stage: Stage, runs: int) -> Result:
    """SIGKILL between a statement and its mark and a file and its mark; then two migrators at once do the rest."""
    files = sorted(stage.random.sample(range(len(RELEASES)), runs))
    faults: list[str] = []
    server = stage.servers.pair.database_url
    with (
        tempfile.TemporaryDirectory() as address,
        scratch_database(server, prefix="faults") as url,
        scratch_database(server, prefix="faults") as made_at_once,
    ):
        folder = write_release(Path(address), len(RELEASES))
        for file in files:
            apply_first(url, file)
            faults += killed_once(url, folder, file)
        both = [start_migrate(url, folder) for _ in range(2)]
        codes = [ended(process).code for process in both]
        apply_first(made_at_once, len(RELEASES))
        differing = len(schema(url) ^ schema(made_at_once))
    faults += [f"of two migrators one ended with {code}" for code in codes if code]
    faults += [f"{differing} things differ from a schema made at once"] if differing else []
    return Result(runs=runs, faults=tuple(faults), figures={"half-applied": len(faults), "two at once ended": codes})


def killed_once(url: str, folder: Path, file: int) -> Iterator[str]:
    """Kill a migrator that has run a statement of the next file, then one after the whole file: neither is marked."""
    before = catalogue(url)
    killed_at(url, folder, HOLD_STEPS)
    if catalogue(url) != before and b"CONCURRENTLY" not in RELEASES[file].sql:
        yield f"a killed migrator has left something of a statement of file {file + 1}"
    killed_at(url, folder, HOLD_FILES)
    if catalogue(url) == before:
        yield f"a killed migrator has taken back what it had done of file {file + 1}"


def killed_at(url: str, folder: Path, hold: LiteralString) -> None:
    """Kill a migrator that waits for what is held."""
    with psycopg.connect(url) as holder, psycopg.connect(url, autocommit=True) as watcher:
        holder.execute(hold)
        process = start_migrate(url, folder)
        wait_until(lambda: count(watcher, HELD) == 1, "a migrator waits before its mark")
        process.kill()
        ended(process)
        holder.rollback()
        holder.close()
        missing_tables(watcher)


def apply_first(url: str, files: int) -> None:
    """Apply so many files in good order."""
    with tempfile.TemporaryDirectory() as address, psycopg.connect(url) as connection:
        migrate(connection, write_release(Path(address), files))


@retry(retry=retry_if_result(lambda left: left > 0), stop=stop_after_delay(PATIENCE_S), wait=wait_fixed(0.05))
def missing_tables(watcher: psycopg.Connection) -> int:
    """Wait until PostgreSQL has ended all other sessions."""
    return count(watcher, OTHERS)


def count(connection: psycopg.Connection, statement: str) -> int:
    """The number that a statement asks for."""
    row = connection.execute(statement.encode()).fetchone()
    assert row
    return row[0]


def ended(process: subprocess.Popen[str]) -> Complaint:
    """How it ended."""
    text, _ = process.communicate(timeout=PATIENCE_S)
    return Complaint(process.returncode, text)


def catalogue(url: str) -> Catalogue:
    """Everything in a database."""
    with psycopg.connect(url) as connection:
        return frozenset(connection.execute(CATALOGUE).fetchall())


def schema(url: str) -> Catalogue:
    """The same without partitions of single months, which are made by the calendar."""
    return frozenset(item for item in catalogue(url) if "_20" not in item[1])

"""PostgreSQL lives and refuses: no connection is left, the disk is full, it only reads, a table is locked for long."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.row import Result
from tests.faults.postgresql.deaths import AHEAD, PACE, TERMINATE
from tests.faults.workers.process_ends import faulted, until_more_came
from tests.support.crm import execute, row
from tests.support.waiting import wait_until
from worker.store.db.postgres import Connection, again

#: How long PostgreSQL refuses.
HELD_S = 4.0
#: POSTs whose attempts were stored before may still arrive so long after the refusal began.
ON_THE_WAY_S = 1.5
#: Longer than the lock_timeout of our sessions, which is 5 s.
LOCKED_S, LOCK_TIMEOUT_S = 7.0, 5.0
NOISE_S = 3.0
#: A provider so slow that nobody could overlook a transaction that waits for it.
SLOW_WAITS = "POST_DEADLINE=8,LEASE=20,LEASE_LEFT_MIN=9,CRAWL=10"
SLOW_MS, SLOW_EVENTS, LOOKS = 3000, 24, 20

LIMITED = "CREATE ROLE {role} LOGIN PASSWORD {password} IN ROLE {owner}"
LIMIT = "ALTER ROLE {role} CONNECTION LIMIT {limit}"
FULL = """
CREATE FUNCTION faults_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
END $$
"""
FULL_ATTEMPTS = """
CREATE TRIGGER faults_full BEFORE INSERT ON attempts FOR EACH STATEMENT EXECUTE FUNCTION faults_full()
"""
FULL_PROBE = """
CREATE TRIGGER faults_full BEFORE INSERT ON write_checks FOR EACH STATEMENT EXECUTE FUNCTION faults_full();
CREATE TRIGGER faults_full BEFORE INSERT ON event_keys FOR EACH STATEMENT EXECUTE FUNCTION faults_full()
"""
FREED = """
DROP TRIGGER IF EXISTS faults_full ON attempts;
DROP TRIGGER IF EXISTS faults_full ON write_checks;
DROP TRIGGER IF EXISTS faults_full ON event_keys
"""
READ_ONLY = "ALTER DATABASE {database} SET default_transaction_read_only = on"
WRITABLE = "ALTER DATABASE {database} RESET default_transaction_read_only"
LOCK = "LOCK TABLE notifications, attempts IN ACCESS EXCLUSIVE MODE"
IDLE = """
SELECT count(*) FROM pg_stat_activity
WHERE
    datname = current_database() AND application_name <> 'faults' AND state LIKE 'idle in transaction%'
    AND clock_timestamp() - state_change > interval '1 second'
"""
LONGEST = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - query_start)), 0)::float FROM pg_stat_activity
WHERE datname = current_database() AND application_name <> 'faults' AND wait_event_type = 'Lock'
"""


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in which PostgreSQL refused: when it ended, and how many messages the provider took in it."""

    ended: float
    taken: int


def exhausted(stage: Stage, runs: int) -> Result:
    """A role that may connect twice: who gets no connection waits, and no event dies of it."""
    role, url = limited_role(stage)

    def refuse() -> None:
        ddl(stage, LIMIT, role=sql.Identifier(role), limit=sql.Literal(2))
        execute(stage.pool, TERMINATE)

    def relent() -> None:
        ddl(stage, LIMIT, role=sql.Identifier(role), limit=sql.Literal(-1))

    return refused(stage, runs, refuse, relent, database_url=url)


def disk_full(stage: Stage, runs: int) -> Result:
    """53100 for whoever stores an attempt, by turns for events and the write probe too: no POST without an attempt."""
    execute(stage.pool, FULL)
    turn = 0

    def refuse() -> None:
        nonlocal turn
        turn += 1
        execute(stage.pool, FULL_ATTEMPTS)
        if turn % 2 == 0:
            execute(stage.pool, FULL_PROBE)

    result = silent(refused(stage, runs, refuse, lambda: execute(stage.pool, FREED)))
    count = int(str(result.figures["logged as away"]))
    return faulted(result, [] if count >= runs else [f"{count} times logged in {runs} spells of a full disk"])


def read_only(stage: Stage, runs: int) -> Result:
    """New sessions only read until it is over, as those to an old primary; sessions opened meanwhile stay so."""
    database = sql.Identifier(urlsplit(stage.database_url).path.removeprefix("/"))

    def refuse() -> None:
        ddl(stage, READ_ONLY, database=database)
        execute(stage.pool, TERMINATE)

    return silent(refused(stage, runs, refuse, lambda: ddl(stage, WRITABLE, database=database)))


def locked(stage: Stage, runs: int) -> Result:
    """Nobody holds a transaction while the provider is slow; a long lock is given up, and waited for."""
    stage.provider.settings(latency_ms=SLOW_MS)
    waited: list[float] = []
    with stage.fleet(waits=SLOW_WAITS) as fleet:
        load = stage.publish(stage.events.stream(SLOW_EVENTS, people=1))
        idle = idle_while_posting(stage)
        load.wait()
        stage.provider.settings(latency_ms=0)
        load = stage.publish(stage.events.stream(), pace=PACE, ahead=AHEAD)
        ended = [locked_once(stage, waited) for _ in range(runs)]
        until_more_came(stage)
        load.finish()
        result = stage.result(fleet, runs=runs, ended=ended)
    figures = {"looks during POSTs": LOOKS, "idle in transaction": idle, "longest wait s": round(max(waited), 1)}
    faults = [f"{idle} sessions were idle in a transaction during POSTs"] if idle else []
    faults += [f"a lock was waited for {max(waited):.1f} s"] if max(waited) > LOCK_TIMEOUT_S + NOISE_S else []
    return faulted(replace(result, figures=figures), faults)


def idle_while_posting(stage: Stage) -> int:
    """How many sessions idle in a transaction, of so many looks while POSTs are under way."""
    idle = 0
    for _ in range(LOOKS):
        wait_until(lambda: stage.provider.state()["in_flight"] > 0, "POSTs are under way")
        idle += row(stage.pool, IDLE)[0]
        time.sleep(0.1)
    return idle


def locked_once(stage: Stage, waited: list[float]) -> float:
    """Lock what every step writes to; `waited` gets the longest waits seen. The moment when the lock ended."""
    until_more_came(stage)
    with stage.pool.connection() as connection:
        again(lock, connection)
        until = time.monotonic() + LOCKED_S
        while time.monotonic() < until:
            waited.append(row(stage.pool, LONGEST)[0])
            time.sleep(0.1)
    return moment()


def lock(connection: Connection) -> None:
    """Take the locks, which may meet who holds one and wants another."""
    try:
        connection.execute(LOCK)
    except psycopg.errors.DeadlockDetected:
        connection.rollback()
        raise


def refused(
    stage: Stage, runs: int, refuse: Callable[[], None], relent: Callable[[], None], *, database_url: str = ""
) -> Result:
    """Refuse for some seconds under load, again and again; `taken` is what the provider took meanwhile."""
    spells: list[Spell] = []
    with stage.fleet(database_url=database_url) as fleet:
        load = stage.publish(stage.events.stream(), pace=PACE)
        for _ in range(runs):
            until_more_came(stage)
            refuse()
            with sure(relent):
                time.sleep(ON_THE_WAY_S)
                before = stage.provider.state()["created"]
                time.sleep(HELD_S - ON_THE_WAY_S)
                taken = stage.provider.state()["created"] - before
            spells.append(Spell(moment(), taken))
        until_more_came(stage)
        load.finish()
        result = stage.result(fleet, runs=runs, ended=[spell.ended for spell in spells])
        away = len(fleet.log_lines("postgresql.away"))
    return replace(result, figures={"sent meanwhile": sum(spell.taken for spell in spells), "logged as away": away})


def silent(result: Result) -> Result:
    """The same; nothing may have been sent while no attempt could be stored."""
    taken = result.figures["sent meanwhile"]
    return faulted(result, [f"{taken} messages were sent while no attempt could be stored"] if taken else [])


@contextmanager
def sure(act: Callable[[], None]) -> Generator[None]:
    """Do it at the end, whatever happens."""
    try:
        yield
    finally:
        act()


def limited_role(stage: Stage) -> tuple[str, str]:
    """A role with everything but a superuser's right to connect, and the URL of the database for it."""
    parts = urlsplit(stage.database_url)
    role = f"limited_{parts.path.removeprefix('/')}"
    owner = str(conninfo_to_dict(stage.database_url)["user"])
    named = {"role": sql.Identifier(role), "owner": sql.Identifier(owner)}
    ddl(stage, LIMITED, password=sql.Literal(role), **named)
    return role, parts._replace(netloc=f"{role}:{role}@{parts.hostname}:{parts.port}").geturl()


def ddl(stage: Stage, statement: str, **parts: sql.Composable) -> None:
    """A statement that takes names and literals, and no parameters."""
    with stage.pool.connection() as connection:
        connection.execute(sql.SQL(statement).format(**parts))  # pyright: ignore[reportArgumentType] constants of this file

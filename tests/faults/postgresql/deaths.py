"""Connections that end: PostgreSQL is killed, its backends are terminated, answers are lost, transactions collide."""

import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import replace

import psycopg

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.fleet import Fleet
from tests.faults.harness.row import Result
from tests.faults.network.lossy_proxies import CommitDoor, opened
from tests.faults.workers.process_ends import faulted, until_more_came
from tests.support.crm import execute, row
from tests.support.waiting import repeated, wait_until

PACE, AHEAD = 40.0, 150
#: Of each COMMIT whose answer may be lost.
CHANCE = 0.05
#: A POST that takes long on a busy machine is not what these rows are about.
PATIENT = "POST_DEADLINE=6,LEASE=20,LEASE_LEFT_MIN=7"
RIVAL_S = 0.4

#: Every backend of our processes; the harness's own pool is called so.
TERMINATE = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND application_name <> 'faults' AND pid <> pg_backend_pid()
"""
#: Sequences do not roll back: every twentieth statement fails, whoever makes it, and its repetition does not.
CONFLICTS = """
CREATE SEQUENCE faults_conflicts;
CREATE FUNCTION faults_conflict() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE nextval('faults_conflicts') % 40
        WHEN 0 THEN RAISE EXCEPTION 'a conflict' USING ERRCODE = '40001';
        WHEN 20 THEN RAISE EXCEPTION 'a deadlock' USING ERRCODE = '40P01';
        ELSE NULL;
    END CASE;
    RETURN NULL;
END $$;
CREATE TRIGGER faults_conflict BEFORE INSERT ON event_keys
FOR EACH STATEMENT EXECUTE FUNCTION faults_conflict();
CREATE TRIGGER faults_conflict BEFORE INSERT OR UPDATE ON notifications
FOR EACH STATEMENT EXECUTE FUNCTION faults_conflict();
CREATE TRIGGER faults_conflict BEFORE INSERT OR UPDATE ON attempts
FOR EACH STATEMENT EXECUTE FUNCTION faults_conflict();
"""
CONFLICT_COUNT = "SELECT last_value / 20 FROM faults_conflicts"
#: A claim and a record take these two the other way round.
FIRST, SECOND = "LOCK TABLE transitions IN EXCLUSIVE MODE", "LOCK TABLE attempts IN EXCLUSIVE MODE"
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def killed(stage: Stage, runs: int) -> Result:
    """SIGKILL of the server under load, each time once messages flow again."""
    ended: list[float] = []
    with stage.fleet() as fleet:
        load = stage.publish(stage.events.stream(), pace=PACE, ahead=AHEAD)
        for _ in range(runs):
            until_more_came(stage)
            stage.servers.kill_postgresql()
            ended.append(stage.servers.start_postgresql())
        until_more_came(stage)
        load.finish()
        return with_returns(fleet, stage.result(fleet, runs=runs, ended=ended))


def terminated(stage: Stage, runs: int) -> Result:
    """Every backend is terminated again and again, at random moments, as in a failover."""
    ended: list[float] = []
    backends = 0
    with stage.fleet() as fleet:
        load = stage.publish(stage.events.stream(), pace=PACE, ahead=AHEAD)
        until_more_came(stage)
        for _ in range(runs):
            time.sleep(stage.random.uniform(0.05, 0.6))
            backends += row(stage.pool, TERMINATE)[0]
            ended.append(moment())
        until_more_came(stage)
        load.finish()
        result = with_returns(fleet, stage.result(fleet, runs=runs, ended=ended))
    return replace(result, figures={"backends": backends, **result.figures})


def answers_lost(stage: Stage, runs: int) -> Result:
    """A COMMIT is carried out and its answer never comes: what is in the tables decides, nothing is done twice."""
    door = CommitDoor(stage.database_url, stage.random, chance=CHANCE)
    with opened(door) as lossy, stage.fleet(database_url=lossy.url) as fleet:
        load = stage.publish(stage.events.stream(), pace=PACE, ahead=AHEAD)
        wait_until(lambda: lossy.cuts >= runs, f"{runs} answers are lost, {lossy.cuts} so far")
        lossy.chance, ended = 0.0, moment()
        load.finish()
        result = with_returns(fleet, stage.result(fleet, runs=lossy.cuts, since=ended))
        repeats = sum(line["sms.repeats"] for line in fleet.log_lines("events.accepted"))
    return replace(result, figures={**result.figures, "redelivered, already settled": repeats})


def collided(stage: Stage, runs: int) -> Result:
    """Serialisation failures and deadlocks, placed and real ones: the transaction runs again, never the POST."""
    execute(stage.pool, CONFLICTS)
    with stage.fleet(waits=PATIENT) as fleet:
        load = stage.publish(stage.events.stream(), pace=PACE, ahead=AHEAD)
        with rival(stage):
            wait_until(lambda: row(stage.pool, DEADLOCKS)[0] >= runs, f"{runs} real deadlocks")
        load.finish()
        result = stage.result(fleet, runs=runs, since=moment())
    [placed], [deadlocks] = row(stage.pool, CONFLICT_COUNT), row(stage.pool, DEADLOCKS)
    repeats = stage.provider.state()["repeats"]
    figures = {"placed": placed, "real deadlocks": deadlocks, "POSTs repeated": repeats}
    return faulted(replace(result, figures=figures), [f"{repeats} POSTs were repeated"] if repeats else [])


@contextmanager
def rival(stage: Stage) -> Generator[None]:
    """Somebody who locks what our transactions lock, in the other order."""

    def compete() -> None:
        with suppress(psycopg.Error), stage.pool.connection() as connection:
            connection.execute(FIRST)
            time.sleep(RIVAL_S)
            connection.execute(SECOND)

    with repeated(compete, every_s=RIVAL_S, name="rival"):
        yield


def with_returns(fleet: Fleet, result: Result) -> Result:
    """The same with how often a batch of events went back to its queue, as none may be lost by it."""
    return replace(result, figures={**result.figures, "batches returned": len(fleet.log_lines("batch.returned"))})

"""The last reported status of each task, by scheduler."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.store.db.postgres import Connection, as_rows

#: Schedulers report every five seconds; one that was silent for so long has ended or hangs.
SILENT = timedelta(seconds=30)

#: Moments come as seconds before and after now, so that the machine's own clock does not matter.
SAVE_RUNS = """
INSERT INTO task_statuses (task, runner, every, last_at, next_at, lag, took, runs, failure, reported_at)
SELECT
    r.task, %(runner)s, make_interval(secs => r.every_s), %(now)s::timestamptz - make_interval(secs => r.ago_s),
    %(now)s + make_interval(secs => r.ahead_s), make_interval(secs => r.lag_s), make_interval(secs => r.took_s),
    r.runs, r.failure, %(now)s
FROM json_to_recordset(%(rows)s::json) AS r(
    task text, every_s double precision, ago_s double precision, ahead_s double precision, lag_s double precision,
    took_s double precision, runs bigint, failure text
)
ORDER BY r.task
ON CONFLICT (task, runner) DO UPDATE SET
    every = excluded.every, last_at = excluded.last_at, next_at = excluded.next_at, lag = excluded.lag,
    took = excluded.took, runs = excluded.runs, failure = excluded.failure, reported_at = excluded.reported_at
"""

LIST = """
SELECT task, runner, every, last_at, next_at, lag, took, runs, failure, reported_at
FROM task_statuses
ORDER BY task, last_at DESC
"""


@dataclass(frozen=True, slots=True)
class TaskRun:
    """A task's last run by one scheduler.

    Attributes:
        runner: the machine and the process.
        lag: how late the run began.
    """

    task: str
    runner: str
    every: timedelta
    last_at: datetime
    next_at: datetime
    lag: timedelta
    took: timedelta
    runs: int
    failure: str | None
    reported_at: datetime


def save_runs(connection: Connection, runner: str, rows: Iterable[Mapping[str, object]], *, now: datetime) -> None:
    connection.execute(SAVE_RUNS, {"runner": runner, "rows": as_rows(rows), "now": now})


def list_runs(connection: Connection) -> list[TaskRun]:
    return [TaskRun(*row) for row in connection.execute(LIST)]


def lives(run: TaskRun, *, now: datetime) -> bool:
    """Whether the scheduler that reported this run has been heard of lately."""
    return now - run.reported_at <= SILENT

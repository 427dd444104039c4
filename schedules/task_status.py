"""Report the status of each task: its last and next run, its lag and which scheduler runs it."""

import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

from schedules.timetable import Task
from worker.health.assessment import TaskFacts
from worker.store.db.postgres import Pool, clock, transaction
from worker.store.monitoring import task_status


@dataclass(slots=True)
class Turn:
    """A task and its next run, in seconds of the process's steady clock; `failure` is of its last run."""

    task: Task
    next_at: float
    has_run: bool = False
    lag_s: float = 0.0
    failure: str | None = None
    began_at: float = 0.0
    took_s: float = 0.0
    runs: int = 0

    def facts(self) -> TaskFacts:
        return TaskFacts(self.task.name, self.has_run, self.failure, self.next_at)


def runner() -> str:
    return f"{socket.gethostname()}/{os.getpid()}"


def save_status(pool: Pool, turns: Sequence[Turn], who: str) -> None:
    with transaction(pool) as connection:
        now, moment = clock(connection), time.monotonic()
        rows = [row(turn, now=moment) for turn in turns if turn.runs]
        task_status.save_runs(connection, who, rows, now=now)


def row(turn: Turn, *, now: float) -> dict[str, object]:
    """Columns of a task's status; moments are seconds from now."""
    return {
        "task": turn.task.name,
        "every_s": turn.task.every.total_seconds(),
        "ago_s": now - turn.began_at,
        "ahead_s": turn.next_at - now,
        "lag_s": turn.lag_s,
        "took_s": turn.took_s,
        "runs": turn.runs,
        "failure": turn.failure,
    }

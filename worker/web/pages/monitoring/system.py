"""Стан системи: who works, what is late, what waits in the lanes, and which version and schema this is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version

from worker.core.sending.state_labels import LANE_LABELS, STATE_LABELS
from worker.language import _
from worker.steps.monitoring.overview import LaneView, Overview, lag, overview
from worker.store.db.migrations import lacking, latest
from worker.store.db.postgres import transaction
from worker.store.monitoring.task_status import TaskRun, list_runs, lives
from worker.web.pages.page import Html, Shown, Visit, page

#: A task that begins so much later than it should holds others up.
LATE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Task:
    """A task of the schedulers, by its newest run."""

    name: str
    every: timedelta
    last_at: datetime
    late: timedelta
    took: timedelta
    failure: str | None
    lives: bool

    @property
    def kind(self) -> str:
        return "bad" if self.failure or not self.lives else "warn" if self.late > LATE else "good"


@page("GET", "/a/{account}/system", may="look")
def system(visit: Visit) -> Shown:
    """What concerns all accounts is for those who look at all: figures of others tell about others."""
    looks_at_all = visit.user.account is None
    with transaction(visit.pool) as connection:
        runs = list_runs(connection)
        found = overview(connection, visit.account) if looks_at_all else None
        missing, newest = lacking(connection), latest(connection)
    living = sorted({run.runner for run in runs if lives(run, now=visit.now)})
    values = {
        "version": version("perfectum-sms"),
        "schema": newest,
        "missing": missing,
        "schedulers": living,
        "tasks": tasks_of(runs, now=visit.now),
        "lanes": lanes_of(found) if found else [],
        "lately": found.lately if found else None,
        "states": states_of(found) if found else [],
    }
    return Html("monitoring/system.html", values)


def tasks_of(runs: list[TaskRun], *, now: datetime) -> list[Task]:
    """Each task once, by the scheduler that ran it last."""
    newest: dict[str, TaskRun] = {}
    for run in runs:
        known = newest.get(run.task)
        if known is None or (lives(run, now=now), run.last_at) > (lives(known, now=now), known.last_at):
            newest[run.task] = run
    return [
        Task(run.task, run.every, run.last_at, lag(run), run.took, run.failure, lives(run, now=now))
        for run in newest.values()
    ]


def states_of(found: Overview) -> list[tuple[str, int]]:
    return [(_(STATE_LABELS.get(name, name)), count) for name, count in found.lately.states.items()]


def lanes_of(found: Overview) -> list[tuple[str, LaneView, timedelta]]:
    return [(_(LANE_LABELS[lane.lane]), lane, found.overdue.get(lane.lane, timedelta())) for lane in found.lanes]

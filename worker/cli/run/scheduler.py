"""`perfectum-sms scheduler`: the process that goes by the clock, and what all of them did last."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import groupby
from typing import Annotated

import typer

from worker.cli.connections import ledger, settings_for
from worker.cli.run.processes import LOGS, listening_or_hint
from worker.cli.terminal import AsJson, Exit, echo, emit, show, stop
from worker.cli.words import word
from worker.core.clock.durations import format_duration
from worker.language import _, speak
from worker.settings.environment import AMQP, DATABASE
from worker.store.db.postgres import clock
from worker.store.monitoring import task_status
from worker.store.monitoring.task_status import TaskRun, lives
from worker.store.reminders import occurrences

#: How far back occurrences are counted.
LATELY = timedelta(hours=24)

COLUMNS = ("task", "every", "last_at", "next_at", "lag_s", "took_s", "failure", "runner")

Status = Annotated[bool, typer.Option("--status", help="Show what schedulers do: last and next run, how late, who.")]


def scheduler(*, status: Status = False, as_json: AsJson = False) -> None:
    """Find what waits, hand it to the workers and publish due reminders, until SIGTERM or Ctrl-C.

    Without one, nothing that was postponed goes on, and no reminder goes out. Any number may run; they do not get into
    each other's way. Logs are JSON lines on stdout. Its state is at 127.0.0.1:9465 (`SMS_LISTEN`), as of a
    worker.

    - `perfectum-sms scheduler`
    - `perfectum-sms scheduler --status` looks into PostgreSQL and needs no scheduler here; exit code 1 if none runs
    - `perfectum-sms scheduler --status --json | jq '.tasks[] | select(.failure)'`
    """
    if status:
        print_status(as_json=as_json)
        return
    if as_json:
        raise stop(_("--json goes with --status."), Exit.USAGE)
    settings = settings_for((AMQP, DATABASE))
    from schedules.process import run  # noqa: PLC0415 (help must be quick)

    speak(LOGS)
    with listening_or_hint():
        raise typer.Exit(run(settings))


def print_status(*, as_json: bool) -> None:
    with ledger() as connection:
        now = clock(connection)
        task_runs = task_status.list_runs(connection)
        counted = occurrences.counted(connection, since=now - LATELY)
    living = sorted({run.runner for run in task_runs if lives(run, now=now)})
    tasks = [task_row(list(runs), now=now) for _, runs in groupby(task_runs, key=lambda run: run.task)]
    if as_json:
        emit({"now": now, "schedulers": living, "tasks": tasks, "occurrences": counted})
    else:
        show(tasks, as_json=False, columns=COLUMNS, empty=_("No scheduler has run yet."))
        echo(_("Schedulers that run: {living}.", living=", ".join(living) or _("none")))
        echo(_("Occurrences: {counts}.", counts=format_counts(counted)))
    if not living:
        raise stop(_("No scheduler runs: nothing that waits goes on. Start one: perfectum-sms scheduler"))


def task_row(runs: Sequence[TaskRun], *, now: datetime) -> dict[str, object]:
    """A task, as whoever ran it last reported; it runs next when the first of those who live does it."""
    last = runs[0]
    ahead = [run.next_at for run in runs if lives(run, now=now)]
    return {
        "task": last.task,
        "every": format_duration(last.every),
        "every_s": last.every.total_seconds(),
        "last_at": last.last_at,
        "next_at": min(ahead, default=None),
        "lag_s": round(last.lag.total_seconds(), 3),
        "took_s": round(last.took.total_seconds(), 3),
        "failure": last.failure,
        "runner": last.runner,
        "runners": [runner_row(run, now=now) for run in runs],
    }


def runner_row(run: TaskRun, *, now: datetime) -> dict[str, object]:
    fields = asdict(run)
    seconds = {f"{name}_s": fields.pop(name).total_seconds() for name in ("every", "lag", "took")}
    del fields["task"]
    return {**fields, **seconds, "lives": lives(run, now=now)}


def format_counts(counted: Mapping[str, int]) -> str:
    states = ("pending", "published", "missed", "cancelled")
    waits, *others = (f"{word('state', state)}: {counted.get(state, 0)}" for state in states)
    return _("{waits}; in 24 h {others} (perfectum-sms occurrences)", waits=waits, others=", ".join(others))

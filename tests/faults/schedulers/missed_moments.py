"""Moments that come without a scheduler, meetings that move after a reminder, a RabbitMQ that takes no events."""

import signal
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.events import Fate
from tests.faults.harness.fleet import Fleet
from tests.faults.harness.row import Result
from tests.faults.rabbitmq.queues import delete
from tests.faults.rabbitmq.resource_alarms import declare
from tests.faults.schedulers.office import STATES, Office
from tests.faults.schedulers.schedulers import SCHEDULERS, WAITS, WAVE, WITHIN
from tests.faults.workers.process_ends import faulted
from tests.support.crm import execute, row, rows
from tests.support.waiting import wait_until
from worker.amqp.topology import OTHER_EVENTS

DOWN = timedelta(hours=6)
#: A reminder comes an hour before its meeting: what was due earlier than this is of a meeting that has begun.
GRACE = timedelta(minutes=58)
EACH = 20
DAY = timedelta(days=1)
UNTRUE = Fate(frozenset({"cancelled"}))
HOLD = """
INSERT INTO pauses (account, scope, reason, since, paused_by)
SELECT id, 'account', 'by_hand', now(), 'us' FROM accounts
"""
RESUME = "DELETE FROM pauses"
HELD = "SELECT count(*) FROM notifications WHERE state IN ('planned', 'postponed')"
WATERMARK = "set_vm_memory_high_watermark"
BLOCKED_S = 5.0
#: Messages that the queue may hold while it refuses.
SHORT = 30
PEAK_MB = 150
BENCH = "100,000 at once, with urgent events meanwhile, are measured by make bench"


def crowded(stage: Stage, runs: int) -> Result:
    """So many thousand moments at once for a scheduler, in flat memory."""
    stage.set_accounts("post_mode", "sendmulti")
    office = Office(stage)
    office.save(runs * 1000, due=timedelta(seconds=-1))
    with stage.fleet(waits=WAITS) as fleet:
        result = office.counted(stage.result(fleet, runs=1, since=moment()))
        peak = max(end.peak_kb for end in fleet.ends if end.slot == fleet.schedulers[0].name) // 1024
    faults = [f"the scheduler needed {peak} MB"] if peak > PEAK_MB else []
    return faulted(replace(result, figures={**result.figures, "peak MB": peak}, reason=BENCH), faults)


def down(stage: Stage, _runs: int) -> Result:
    """No scheduler for six hours: what is still worth it is published once, what is too late is kept as missed."""
    office = Office(stage)
    late = office.save(5 * EACH, due=-DOWN, within=DOWN - timedelta(minutes=61), fate=None)
    due = office.save(5 * EACH, due=-GRACE, within=GRACE)
    with stage.fleet(schedulers=SCHEDULERS, waits=WAITS) as fleet:
        result = office.counted(stage.result(fleet, runs=1, since=moment()))
    states = dict(rows(stage.pool, STATES))
    wanted = {"missed": len(late), "published": len(due)}
    figures = {**result.figures, "published late": states.get("published", 0), "too late": states.get("missed", 0)}
    return faulted(replace(result, figures=figures), [] if states == wanted else [f"{states}, not {wanted}"])


def moved(stage: Stage, _runs: int) -> Result:
    """Meetings are moved or cancelled once their reminders are rows, before any is sent."""
    office = Office(stage)
    with stage.fleet(waits=WAITS) as fleet:
        execute(stage.pool, HOLD)
        made = office.save(3 * EACH, within=WITHIN)
        wait_until(lambda: row(stage.pool, HELD)[0] >= len(made), "every reminder is a row")
        now = office.now()
        later = [replace(meeting, start=meeting.start + DAY, fate=UNTRUE) for meeting in made[:EACH]]
        meetings = [replace(meeting, fate=UNTRUE) for meeting in made[EACH : 2 * EACH]]
        office.record([office.body(meeting, version=2, at=now) for meeting in later])
        office.record([office.body(meeting, version=2, at=now, status="cancelled") for meeting in meetings])
        office.meetings = [*later, *meetings, *made[2 * EACH :]]
        execute(stage.pool, RESUME)
        result = office.counted(stage.result(fleet, runs=len(later) + len(meetings), since=moment()))
    return replace(result, figures={**result.figures, "moved": len(later), "cancelled": len(meetings)})


def unroutable(stage: Stage, runs: int) -> Result:
    """The queue is deleted while workers are frozen, and nobody but the schedulers can declare it anew."""
    office = Office(stage)
    with stage.fleet(schedulers=2, waits=WAITS) as fleet:
        for number in range(1, runs + 1):
            with frozen_workers(fleet):
                delete(stage.amqp_url, [OTHER_EVENTS])
                office.save(WAVE, within=WITHIN)
                wait_until(lambda number=number: office.published() >= number * WAVE, "all are published")
            wait_until(lambda number=number: known(stage) >= number * WAVE, "all are accepted")
        return office.counted(stage.result(fleet, runs=runs, since=moment()))


def refused(stage: Stage, _runs: int) -> Result:
    """The queue holds few messages, nobody takes any, and RabbitMQ refuses what is too much; then a worker comes."""
    office = Office(stage)
    declare(stage.amqp_url)
    policy = ("full", f"^{OTHER_EVENTS}$", f'{{"max-length": {SHORT}}}', "--apply-to", "queues")
    stage.servers.rabbitmqctl("set_policy", *policy)
    try:
        with stage.fleet(workers=0, schedulers=2, waits=WAITS) as fleet:
            office.save(3 * WAVE, within=WITHIN)
            time.sleep(BLOCKED_S)
            lying = len(office.meetings) - office.published()
            fleet.add("worker")
            wait_until(lambda: office.published() >= len(office.meetings), "all are published")
            result = office.counted(stage.result(fleet, runs=1, since=moment()))
    finally:
        stage.servers.rabbitmqctl("clear_policy", policy[0])
    result = replace(result, figures={**result.figures, "not taken": lying})
    return faulted(result, [] if lying else ["RabbitMQ took everything: nothing was refused"])


def blocked(stage: Stage, runs: int) -> Result:
    """RabbitMQ has no memory left, and takes nothing."""
    office = Office(stage)
    lying: list[int] = []
    with stage.fleet(schedulers=2, waits=WAITS) as fleet:
        try:
            for _ in range(runs):
                stage.servers.rabbitmqctl(WATERMARK, "0.00001")
                office.save(WAVE, within=WITHIN)
                time.sleep(BLOCKED_S)
                lying.append(len(office.meetings) - office.published())
                stage.servers.rabbitmqctl(WATERMARK, "0.4")
                wait_until(lambda: office.published() >= len(office.meetings), "all are published")
        finally:
            stage.servers.rabbitmqctl(WATERMARK, "0.4")
        result = office.counted(stage.result(fleet, runs=runs, since=moment()))
    result = replace(result, figures={**result.figures, "not taken": sum(lying)})
    return faulted(result, [] if all(lying) else ["RabbitMQ took everything: there was no alarm"])


@contextmanager
def frozen_workers(fleet: Fleet) -> Generator[None]:
    """Nobody takes events meanwhile."""
    for slot in fleet.workers:
        fleet.signal(signal.SIGSTOP, slot)
    try:
        yield
    finally:
        for slot in fleet.workers:
            fleet.signal(signal.SIGCONT, slot)


def known(stage: Stage) -> int:
    """How many reminders workers have accepted."""
    return row(stage.pool, "SELECT count(*) FROM events WHERE type = 'meeting.reminder_due'")[0]

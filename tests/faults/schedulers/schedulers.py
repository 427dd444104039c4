"""Schedulers that die, freeze, lose their sessions or wait for a lock: each moment is published once."""

import signal
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import get_args

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.row import Result
from tests.faults.schedulers.office import Office
from tests.faults.workers.process_ends import faulted
from tests.support.crm import execute
from tests.support.waiting import wait_until
from worker.failpoint import Boundary

SCHEDULERS = 5
#: In the same order as in production.
WAITS = "OCCURRENCE_LEASE=3,TIMER_PATIENCE=3,FROZEN_WAIT=3"
ALL = get_args(Boundary)
#: From an entry of the calendar to the mark that its event is published.
BOUNDARIES: tuple[str, ...] = ALL[ALL.index("timed") : ALL.index("outcomes_taken")]
#: Of each hit of a boundary.
CHANCE = 0.25
#: Moments of a wave, and within what time they come.
WAVE, WITHIN = 200, timedelta(seconds=1)
#: At most so many are unpublished when the next are saved.
AHEAD = 600
#: Longer than a lease.
FROZEN_S = 4.0
HELD_S = 8.0
FLAP_S = 2.0
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'perfectum-sms scheduler'"
HOLD = "LOCK TABLE occurrences IN ACCESS EXCLUSIVE MODE"
CUT_EVERY_S = 1.0


def at_once(stage: Stage, runs: int) -> Result:
    """Five schedulers, and so many thousand moments that come at once."""
    stage.set_accounts("post_mode", "sendmulti")
    office = Office(stage)
    office.save(runs * 1000, due=timedelta(seconds=-1))
    with stage.fleet(schedulers=SCHEDULERS, waits=WAITS) as fleet:
        began = moment()
        wait_until(lambda: office.published() >= runs * 1000, "all are published")
        took = moment() - began
        result = office.counted(stage.result(fleet, runs=SCHEDULERS, since=moment()))
        took_part = len({line["process.pid"] for line in fleet.log_lines("occurrences.saved")})
    figures = {**result.figures, "schedulers that had a part": took_part, "published in s": round(took, 1)}
    return replace(result, figures=figures)


def killed(stage: Stage, runs: int) -> Result:
    """Any of them dies at any boundary by chance, while moments go on coming: 200 for each kill."""
    stage.set_accounts("post_mode", "sendmulti")
    office = Office(stage)
    line = ",".join(f"{boundary}:kill:{CHANCE}" for boundary in BOUNDARIES)
    with stage.fleet(schedulers=SCHEDULERS, armed="scheduler", failpoints=line, waits=WAITS) as fleet:
        goes_on(office, until=lambda: fleet.kills >= runs and len(office.meetings) >= runs * WAVE)
        fleet.disarm()
        return office.counted(stage.result(fleet, runs=fleet.kills, since=moment()))


def frozen(stage: Stage, runs: int) -> Result:
    """SIGSTOP with timers or occurrences in hand, past their lease, until others have published them; then SIGCONT."""
    office = Office(stage)
    with stage.fleet(schedulers=SCHEDULERS, waits=WAITS) as fleet:
        for _ in range(runs):
            office.save(WAVE, within=WITHIN)
            asleep = stage.random.sample(fleet.schedulers, SCHEDULERS - 1)
            time.sleep(stage.random.random() * WITHIN.total_seconds())
            for slot in asleep:
                fleet.signal(signal.SIGSTOP, slot)
            time.sleep(FROZEN_S)
            wait_until(lambda: office.published() >= len(office.meetings), "the others publish them")
            for slot in asleep:
                fleet.signal(signal.SIGCONT, slot)
        return office.counted(stage.result(fleet, runs=runs * (SCHEDULERS - 1), since=moment()))


def cut_off(stage: Stage, runs: int) -> Result:
    """PostgreSQL ends every session of theirs, again and again, while moments go on coming."""
    office = Office(stage)
    with stage.fleet(schedulers=SCHEDULERS, waits=WAITS) as fleet:
        for _ in range(runs):
            office.save(WAVE, within=WITHIN)
            time.sleep(CUT_EVERY_S * stage.random.random())
            execute(stage.pool, CUT)
        return office.counted(stage.result(fleet, runs=runs, since=moment()))


def hung(stage: Stage, runs: int) -> Result:
    """Somebody holds the table of occurrences: every statement waits, gives up, and the next gets through."""
    office = Office(stage)
    took: list[float] = []
    with stage.fleet(schedulers=2, waits=WAITS) as fleet:
        for _ in range(runs):
            office.save(WAVE, within=WITHIN)
            with stage.pool.connection() as connection:
                connection.execute(HOLD)
                time.sleep(HELD_S)
            ended = moment()
            wait_until(lambda: office.published() >= len(office.meetings), "all are published")
            took.append(moment() - ended)
        result = office.counted(stage.result(fleet, runs=runs, since=moment()))
        failed = len(fleet.log_lines("task.failed"))
    figures = {**result.figures, "held s": HELD_S, "published after s": round(max(took), 1), "runs that failed": failed}
    return faulted(replace(result, figures=figures), [] if failed else ["no statement gave up: nothing was held"])


def flapping(stage: Stage, runs: int) -> Result:
    """The only scheduler is killed every two seconds."""
    office = Office(stage)
    with stage.fleet(waits=WAITS) as fleet:
        for _ in range(runs):
            office.save(WAVE, within=WITHIN)
            time.sleep(FLAP_S)
            fleet.kill(fleet.schedulers[0])
        return office.counted(stage.result(fleet, runs=fleet.kills, since=moment()))


def goes_on(office: Office, *, until: Callable[[], bool]) -> None:
    """Save meetings for so long, never many more than are published."""
    while not until():
        office.save(WAVE, within=WITHIN)
        wait_until(lambda: len(office.meetings) - office.published() <= AHEAD, "the others keep up")

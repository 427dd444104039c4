"""Workers that end as a whole: by force, by SIGTERM in the middle of a POST, or because a thread of theirs died."""

import signal
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import orjson

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.fleet import KILLED, End, Fleet, Slot
from tests.faults.harness.row import Result
from tests.support.waiting import wait_until
from worker.health.assessment import SILENT_S
from worker.health.watchdog import LOOK_S
from worker.process import DEAD, DEAD_DRAIN_S

PACE = 20.0
#: The waits of production, which are shorter elsewhere.
TRUE_WAITS = "POST_DEADLINE=20,LEASE=90,LEASE_LEFT_MIN=25"
#: An answer within the deadline, and an answer too late.
SLOW_S, TOO_SLOW_S = 4.0, 22.0
SLOW_POSTS = 4
#: Supervisors usually kill after this.
GRACE_S = 30.0
NOISE_S = 3.0
#: A dead thread is seen at the next look; then the rest drains, or the process ends by force.
DEATH_SEEN_S = LOOK_S + 2 * DEAD_DRAIN_S + NOISE_S
DOOMED = ("WorkerThread", "crm.events.urgent", "worker publisher")
HUNG = "acknowledged:sleep:seconds=100:times=1"
MESSAGES_BETWEEN = 20


def replaced(stage: Stage, runs: int) -> Result:
    """SIGKILL from outside, as the kernel does when memory ends: a new process takes over from the killed worker."""
    took: list[float] = []
    children = 0
    with stage.fleet() as fleet:
        load = stage.publish(stage.events.stream(), pace=PACE)
        for _ in range(runs):
            until_more_came(stage)
            slot = stage.random.choice(fleet.workers)
            lives, killed = slot.lives, moment()
            children += len(children_of(slot.pid))
            fleet.kill(slot)
            wait_until(lambda slot=slot, lives=lives: slot.lives > lives, "its end is reported")
            fleet.wait_ready()
            took.append(moment() - killed)
        load.finish()
        figures = {"exit code": KILLED, "replaced s": round(max(took), 1), "children": children}
        reason = "a worker has no children; one that loses a thread ends with 70, see A11; forked without imports"
        result = stage.result(fleet, runs=fleet.kills, since=moment(), figures=figures, reason=reason)
    return faulted(result, [f"{children} children may outlive their workers"] if children else [])


def ended_mid_post(stage: Stage, runs: int) -> Result:
    """SIGTERM while the provider is slow: answers within the deadline are recorded, later answers left in doubt."""
    took: list[float] = []
    with stage.fleet(workers=1, waits=TRUE_WAITS) as fleet:
        [slot] = fleet.workers
        for _ in range(runs):
            stage.provider.fault("slow", seconds=SLOW_S, times=2)
            stage.provider.fault("slow", seconds=TOO_SLOW_S, times=2)
            stage.publish(stage.events.stream(30)).wait()
            wait_until(lambda: stage.provider.state()["in_flight"] >= SLOW_POSTS, "POSTs are under way")
            lives, asked = slot.lives, moment()
            fleet.signal(signal.SIGTERM, slot)
            wait_until(lambda lives=lives: slot.lives > lives, "it ends")
            took.append(ends_of(fleet, slot)[-1].at - asked)
        fleet.wait_ready()
        result = stage.result(fleet, runs=runs, since=moment())
    repeats = stage.provider.state()["repeats"]
    figures = {"ended after s": round(max(took), 1), "forced kills": fleet.kills, "answered 507": repeats}
    faults = [f"took {max(took):.1f} s to end"] if max(took) > GRACE_S else []
    faults += [] if repeats else ["no answer came too late: nothing was tried"]
    return faulted(replace(result, figures=figures), faults)


def threads_dead(stage: Stage, _runs: int) -> Result:
    """A worker thread, a consumer and the publisher die, another consumer hangs: each process ends, and is replaced."""
    with stage.fleet(workers=1) as fleet:
        load = stage.publish(stage.events.stream(), pace=PACE)
        fleet.expected = {*fleet.expected, DEAD}
        hung = fleet.add("worker", FAILPOINTS=HUNG)
        broken = [hung, *(fleet.add("worker", FAULTS_DOOMED=name) for name in DOOMED)]
        for slot in broken:
            slot.environment = {}  # whoever comes after is whole
        wait_until(lambda: all(ends_of(fleet, slot) for slot in broken), "each has ended")
        fleet.wait_ready()
        load.finish()
        result = stage.result(fleet, runs=len(broken), since=moment())
        firsts = [ends_of(fleet, slot)[0] for slot in broken]
    silent, *dead = [seen_s(stage.folder, end) for end in firsts]
    faults = [f"{end.slot} ended with {end.code}" for end in firsts if end.code != DEAD]
    faults += [f"a dead thread was borne for {max(dead):.1f} s"] if max(dead) > DEATH_SEEN_S else []
    faults += [f"a hung one for {silent:.1f} s"] if silent > SILENT_S + DEATH_SEEN_S else []
    figures = {"exit code": DEAD, "dead ended after s": round(max(dead), 1), "hung ended after s": round(silent, 1)}
    return faulted(replace(result, figures=figures), faults)


def until_more_came(stage: Stage, messages: int = MESSAGES_BETWEEN) -> None:
    """Wait until the provider has some more messages than now."""
    wanted = stage.provider.state()["created"] + messages
    wait_until(lambda: stage.provider.state()["created"] >= wanted, "messages flow")


def children_of(pid: int | None) -> list[str]:
    """Processes that a process has started."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [child for task in tasks for child in task.read_text().split()]


def ends_of(fleet: Fleet, slot: Slot) -> list[End]:
    """How each process in a slot has ended so far."""
    return [end for end in list(fleet.ends) if end.slot == slot.name]


def seen_s(folder: Path, end: End) -> float:
    """How long the first process of a slot lived with its fault: since a thread's end, or since its own beginning."""
    lines = [orjson.loads(line) for line in (folder / f"{end.slot}.log").read_bytes().splitlines()]
    first = [line for line in lines if line["process.pid"] == lines[0]["process.pid"]]
    known = [line for line in first if line.get("event.action") in {"worker.started", "thread.ended"}]
    return end.at - datetime.fromisoformat(known[-1]["@timestamp"]).timestamp()


def faulted(result: Result, faults: Sequence[str]) -> Result:
    """The same with more that is not as promised."""
    return replace(result, faults=(*result.faults, *faults))

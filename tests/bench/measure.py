"""The two measurements: how many events go through, and how long an event takes."""

import os
import re
import signal
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

import orjson

from tests.bench.processes import TICKS, Process, sampled, stat_of
from tests.bench.stage import Stage

#: Figures by process.
MemoryFigures = dict[str, dict[str, object]]
MARK = re.compile(r"N\d{8}")
#: The first events fill caches, pools and plans, and are not measured.
WARM_PACE = 500.0


@dataclass(frozen=True, slots=True)
class Throughput:
    """What became of a backlog; processor time in ms for each event, by whose it is.

    `others_share` is how much of the machine's processor time went to what has no part in it.
    """

    events: int
    seconds: float
    posts: int
    publish_s: float
    cpu_ms: dict[str, float]
    others_share: float

    @property
    def events_per_s(self) -> float:
        return self.events / self.seconds

    @property
    def own_cpu_ms(self) -> float:
        """Of the system's processes, without the servers and the provider."""
        return own_ms(self.cpu_ms)


@dataclass(frozen=True, slots=True)
class Latency:
    """From a publication to the moment when the provider has the POST, in ms; processor time as of a throughput."""

    events: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    cpu_ms: dict[str, float]
    others_share: float

    @property
    def own_cpu_ms(self) -> float:
        """Of the system's processes, without the servers and the provider."""
        return own_ms(self.cpu_ms)


def own_ms(cpu_ms: dict[str, float]) -> float:
    """What the system's own processes took of it."""
    return cpu_ms["workers"] + cpu_ms.get("scheduler", 0.0)


def warm(stage: Stage, count: int) -> None:
    """Send so many events, at a pace that every process can follow."""
    publish(stage, count, pace=WARM_PACE)
    stage.wait_answered()
    stage.wait_settled()


def publish(stage: Stage, count: int, *, pace: float | None = None) -> dict[str, Any]:
    """Publish so many events; return the generator's report once all are confirmed."""
    with stage.generator(count, pace=pace) as generator:
        generator.send_line("go")
        return orjson.loads(generator.line())


def throughput(stage: Stage, count: int, *, watch: AbstractContextManager[object] | None = None) -> Throughput:
    """Let a backlog go that was published while the workers were frozen: from that moment to the last answered POST.

    Whoever watches is entered once they go on: a frozen process cannot be looked into.
    """
    for worker in stage.workers:
        worker.signal(signal.SIGSTOP)
    published = publish(stage, count)
    spent, posts = Spent(stage), stage.provider.state()["posts"]
    with sampled(stage.ours):
        began = time.monotonic()
        for worker in stage.workers:
            worker.signal(signal.SIGCONT)
        with watch or nullcontext():
            state = stage.wait_answered()
            stage.wait_settled()
    cpu_ms, others_share = spent.per_event(count)
    return Throughput(
        events=count,
        seconds=state["at"] - began,
        posts=state["posts"] - posts,
        publish_s=published["ended_at"] - published["began_at"],
        cpu_ms=cpu_ms,
        others_share=others_share,
    )


def latency(stage: Stage, count: int, *, pace: float, beside: Sequence[Process] = ()) -> Latency:
    """Publish at an even pace, whatever becomes of it, and look when each event's text reached the provider.

    What `beside` takes of the machine is nobody's.
    """
    with sampled(stage.ours), stage.generator(count, pace=pace) as generator:
        spent = Spent(stage, generator, *beside)
        generator.send_line("go")
        moments = dict(orjson.loads(generator.line())["moments"])
        stage.wait_answered()
        stage.wait_settled()
        cpu_ms, others_share = spent.per_event(count)
    arrived = {match[0]: at for text, at in stage.provider.texts() if (match := MARK.search(text))}
    took = sorted((arrived[text] - at) * 1000 for text, at in moments.items())
    cuts = quantiles(took, n=100)
    return Latency(count, cuts[49], cuts[98], took[-1], cpu_ms, others_share)


class Spent:
    """Processor time from now on: of a stage by whose it is, and what neither it nor the harness took."""

    def __init__(self, stage: Stage, *harness: Process) -> None:
        self._stage, self._harness = stage, harness
        self._cpu, self._harness_s, self._machine_s = cpu_of(stage), self._harness_cpu_s(), machine_s()
        self._began = time.monotonic()

    def per_event(self, count: int) -> tuple[dict[str, float], float]:
        """In ms for each of so many events; and others' share of the machine."""
        after, whole, took = cpu_of(self._stage), machine_s() - self._machine_s, time.monotonic() - self._began
        spent = {name: after[name] - self._cpu[name] for name in after}
        others_s = whole - sum(spent.values()) - (self._harness_cpu_s() - self._harness_s)
        shares = {name: round(seconds * 1000 / count, 4) for name, seconds in spent.items()}
        return shares, max(0.0, others_s) / (took * (os.cpu_count() or 1))

    def _harness_cpu_s(self) -> float:
        return time.process_time() + sum(process.cpu_s for process in self._harness)


def cpu_of(stage: Stage) -> dict[str, float]:
    """Processor time so far, in seconds: ours, and what the rest of the machine needs for it."""
    schedulers = [process for process in stage.ours if process not in stage.workers]
    return {
        "workers": sum(process.cpu_s for process in stage.workers),
        **({"scheduler": sum(process.cpu_s for process in schedulers)} if schedulers else {}),
        "provider": stage.provider.state()["cpu_s"],
        **{name: family_s(pid) for name, pid in stage.servers.pids.items()},
    }


def machine_s() -> float:
    """Processor seconds of everything on this machine so far; proc(5)."""
    user, nice, system, _idle, _waiting, irq, softirq, steal, *_ = Path("/proc/stat").read_text().split()[1:]
    return sum(map(int, (user, nice, system, irq, softirq, steal))) / TICKS


def family_s(pid: int) -> float:
    """Processor seconds of a process, its living children, and those that have ended; proc(5)."""
    parent = stat_of(pid)
    others = [stat_of(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    children = [item for item in others if item and int(item[1]) == pid]
    return (
        sum(int(item[11]) + int(item[12]) for item in [parent, *children]) + int(parent[13]) + int(parent[14])
    ) / TICKS


def memory_of(processes: list[Process]) -> MemoryFigures:
    """The memory of each process while it was measured."""
    return {
        process.name: {
            "peak_mb": round(process.memory.peak_mb, 1),
            "growth_mb": round(process.memory.growth_mb, 1),
            "flat": process.memory.is_flat,
        }
        for process in processes
    }

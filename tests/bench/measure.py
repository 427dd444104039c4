"""The two measurements: how many events go through, and how long one takes."""

from __future__ import annotations

import os
import re
import signal
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

import orjson

from tests.bench.processes import TICKS, Process, sampled, stat_of
from tests.bench.stage import Stage

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


@dataclass(frozen=True, slots=True)
class Latency:
    """From a publication to the moment when the provider has the POST, in ms."""

    events: int
    p50_ms: float
    p99_ms: float
    max_ms: float


def warm(stage: Stage, count: int) -> None:
    """Send so many events, at a pace that every process can follow."""
    publish(stage, count, pace=WARM_PACE)
    stage.wait_answered()
    stage.wait_settled()


def publish(stage: Stage, count: int, *, pace: float | None = None) -> dict[str, Any]:
    """Publish so many events, and what the generator tells of it once all are confirmed."""
    with stage.generator(count, pace=pace) as generator:
        generator.send_line("go")
        return orjson.loads(generator.line())


def throughput(stage: Stage, count: int, *, watch: AbstractContextManager[object] | None = None) -> Throughput:
    """Let a backlog go that was published while the workers were frozen: from that word to the last POST answered.

    Whoever watches is entered once they go on: a frozen process cannot be looked into.
    """
    for worker in stage.workers:
        worker.signal(signal.SIGSTOP)
    published = publish(stage, count)
    before, busy, posts = cpu_of(stage), machine_s(), stage.provider.state()["posts"]
    with sampled(stage.ours):
        began = time.monotonic()
        for worker in stage.workers:
            worker.signal(signal.SIGCONT)
        with watch or nullcontext():
            state = stage.wait_answered()
            stage.wait_settled()
    after, whole, took = cpu_of(stage), machine_s() - busy, time.monotonic() - began
    spent = {name: after[name] - before[name] for name in after}
    return Throughput(
        events=count,
        seconds=state["at"] - began,
        posts=state["posts"] - posts,
        publish_s=published["ended_at"] - published["began_at"],
        cpu_ms={name: round(seconds * 1000 / count, 4) for name, seconds in spent.items()},
        others_share=max(0.0, whole - sum(spent.values())) / (took * (os.cpu_count() or 1)),
    )


def latency(stage: Stage, count: int, *, pace: float) -> Latency:
    """Publish at an even pace, whatever becomes of it, and look when each event's text reached the provider."""
    with sampled(stage.ours):
        moments = dict(publish(stage, count, pace=pace)["moments"])
        stage.wait_answered()
        stage.wait_settled()
    arrived = {match[0]: at for text, at in stage.provider.texts() if (match := MARK.search(text))}
    took = sorted((arrived[text] - at) * 1000 for text, at in moments.items())
    cuts = quantiles(took, n=100)
    return Latency(count, cuts[49], cuts[98], took[-1])


def cpu_of(stage: Stage) -> dict[str, float]:
    """Processor time so far, in seconds: ours, and what the rest of the machine needs for it."""
    return {
        "workers": sum(process.cpu_s for process in stage.workers),
        "scheduler": sum(process.cpu_s for process in stage.ours if process not in stage.workers),
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


def memory_of(processes: list[Process]) -> dict[str, dict[str, object]]:
    """The memory of each process while it was measured."""
    return {
        process.name: {
            "peak_mb": round(process.memory.peak_mb, 1),
            "growth_mb": round(process.memory.growth_mb, 1),
            "flat": process.memory.is_flat,
        }
        for process in processes
    }

"""What was measured: lines for the eye, and build/bench.json."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

import orjson

from tests.bench.measure import Latency, Throughput
from tests.bench.scheduler.clockwork import Struck
from tests.bench.servers import Servers
from tests.bench.stage import ACCOUNTS, PROVIDER_DELAY_MS, Layout

FILE = Path("build/bench.json")
LIBRARIES = ("dramatiq", "pika", "psycopg", "pydantic", "httpx", "orjson")
METHOD = (
    "Throughput: the workers are frozen, a backlog is published with confirms, the workers go on: from that moment to "
    "the last POST answered; the middle one of several rounds. Latency: publications at an even pace, whatever becomes "
    "of them, to the last byte of the POST at the provider. CPU: user and system time of workers and scheduler. "
    "Scheduler: a calendar is written, the hour of many strikes at once, in one transaction: from then to the last "
    "event that RabbitMQ has confirmed; accounts send at the pace they begin with, and urgent events come evenly."
)
Json = dict[str, object]
#: Figures by process.
Memory = dict[str, dict[str, object]]
#: What is to be reached on two cores with everything on them.
TARGETS: Mapping[str, str] = {
    "sendmulti.events_per_s": ">= 3500",
    "sendmulti.cpu_ms_per_event": "<= 0.30",
    "send.events_per_s": ">= 700",
    "latency.p50_ms": "<= 10",
    "latency.p99_ms": "<= 50",
    "memory.peak_mb": "<= 150",
    "scheduler.seconds": "<= 60",
    "scheduler.urgent_p95_ms": "<= 1000",
    "scheduler.idle_tick_ms": "<= 20",
    "scheduler.peak_mb": "<= 150",
}


def of_throughput(rounds: Sequence[Throughput]) -> Json:
    """The round in the middle, and the pace of each."""
    middle = sorted(rounds, key=lambda throughput: throughput.events_per_s)[len(rounds) // 2]
    ours = [throughput.cpu_ms["workers"] + throughput.cpu_ms["scheduler"] for throughput in rounds]
    return {
        "events_per_s": round(middle.events_per_s),
        "cpu_ms_per_event": round(median(ours), 3),
        "cpu_ms_per_event_with_servers": round(sum(middle.cpu_ms.values()), 3),
        "events": middle.events,
        "posts": middle.posts,
        "texts_per_post": round(middle.events / middle.posts, 1),
        "rounds_events_per_s": [round(throughput.events_per_s) for throughput in rounds],
        "publish_events_per_s": round(middle.events / middle.publish_s),
        "cpu_ms_per_event_by_process": middle.cpu_ms,
        "others_share_of_cpu": round(middle.others_share, 2),
    }


def of_latency(latency: Latency, pace: float) -> Json:
    """As it is."""
    figures = {name: round(value, 1) for name, value in asdict(latency).items()}
    return {**figures, "events_per_s": pace}


def of_clockwork(struck: Struck, memory: Memory) -> Json:
    """The birthdays of a day, and the urgent events meanwhile."""
    (scheduler,) = memory.values()
    figures = {name: round(value, 1) if isinstance(value, float) else value for name, value in asdict(struck).items()}
    del figures["faults"]
    cpu = figures.pop("cpu_ms")
    return {
        "occurrences_per_s": round(struck.due / struck.seconds),
        **figures,
        "peak_mb": scheduler["peak_mb"],
        "flat": scheduler["flat"],
        "cpu_ms_per_occurrence": round(sum(struck.cpu_ms.values()), 3),
        "cpu_ms_per_occurrence_by_process": cpu,
    }


def of_memory(memories: Mapping[str, Memory]) -> Json:
    """The hungriest process, and whether all stay flat; `memories` is by measurement and process."""
    every = [figures for processes in memories.values() for figures in processes.values()]
    peaks = [float(str(figures["peak_mb"])) for figures in every]
    return {
        "peak_mb": max(peaks, default=0.0),
        "flat": all(figures["flat"] for figures in every),
        "processes": memories,
    }


def of_machine(servers: Servers, layout: Layout) -> Json:
    """Where and with what it was measured."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),  # noqa: TID251 (the report's own date)
        "machine": {
            "processor": processor(),
            "cores": os.cpu_count(),
            "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
            "system": platform.platform(),
            "load_before": round(os.getloadavg()[0], 2),
        },
        "versions": {
            "python": platform.python_version(),
            **servers.versions(),
            **{name: version(name) for name in LIBRARIES},
        },
        "layout": {**asdict(layout), "schedulers": 1, "accounts": ACCOUNTS, "provider_delay_ms": PROVIDER_DELAY_MS},
    }


def processor() -> str:
    """Its name, where Linux tells it."""
    match = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return match[1] if match else platform.machine()


def lines(report: Mapping[str, object]) -> list[str]:
    """Every figure with its dotted name, and what it is to reach."""
    texts: list[str] = []
    for name, value in flat(report):
        target = TARGETS.get(name)
        texts.append(f"{name}: {value}" + (f"   (to reach: {target})" if target else ""))
    return texts


def flat(report: Mapping[str, object], *path: str) -> list[tuple[str, object]]:
    """Nested figures by dotted names."""
    rows: list[tuple[str, object]] = []
    for name, value in report.items():
        if isinstance(value, dict):
            rows += flat(value, *path, name)  # pyright: ignore[reportUnknownArgumentType] - a part of the report
        else:
            rows.append((".".join([*path, name]), value))
    return rows


def write(report: Mapping[str, object], file: Path) -> None:
    """Keep it."""
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2) + b"\n")

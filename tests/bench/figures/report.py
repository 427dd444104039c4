"""What was measured: lines for the eye, and build/bench.json."""

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

from tests.bench.measure import Latency, MemoryFigures, Throughput
from tests.bench.parts import FLOORS, MODES
from tests.bench.peers.stage import PEERS
from tests.bench.processes import FLAT_SHARE
from tests.bench.scheduler.clockwork import Struck
from tests.bench.servers import Servers
from tests.bench.stage import ACCOUNTS, PROVIDER_DELAY_MS, Layout

FILE = Path("build/bench.json")
LIBRARIES = ("dramatiq", "pika", "psycopg", "pydantic", "httpx", "orjson")
METHOD = (
    "Throughput: the processes are frozen, a backlog is published with confirms, they go on: from that moment to the "
    "last POST answered; the middle one of several rounds, in which ours and the peers take turns, each on a stage of "
    "its own. CPU: user and system time of the system's own processes, ours with the scheduler. Latency: publications "
    "at an even pace, whatever becomes of them, to the last byte of the POST at the provider. Others: what neither the "
    "system, the servers, the provider nor the benchmark took of the machine. Floor: a loop without a framework that "
    "writes the rows and updates that `sendmulti` left, and POSTs as it does. "
    "Scheduler: a calendar is written, the hour of many strikes at once, in one transaction: from then to the last "
    "event that RabbitMQ has confirmed; accounts send at the pace they begin with, and urgent events come evenly."
)
Json = dict[str, object]
#: What is to be reached on two cores with everything on them.
TARGETS: Mapping[str, str] = {
    "ratio.events": ">= 6",
    "ratio.cpu": ">= 5",
    "ratio_single.events": ">= 2.5",
    "sendmulti.cpu_ms_per_event_with_servers": "<= 0.36",
    "send.cpu_ms_per_event": "<= 0.45",
    "send.servers_cpu_ms_per_event": "<= 0.35",
    "floor.cpu_ratio": "<= 3",
    "latency.cpu_ms_per_event_with_servers": "<= 4",
    "latency.p50_ms": "<= 4",
    "latency.p99_ms": "<= 12",
    "latency.beside_busy_core.p99_ms": "<= 60",
    "memory.peak_mb": "<= 150",
    "accounts.at_100.peak_mb": "<= 150",
    "accounts.at_10000.peak_mb": "<= 250",
    "outcomes.worker_growth_percent": "<= 10",
    "scheduler.seconds": "<= 40",
    "scheduler.posted_seconds": "<= 90",
    "scheduler.cpu_ms_per_occurrence": "<= 0.8",
    "scheduler.urgent_p95_ms": "<= 100",
    "scheduler.idle_tick_ms": "<= 20",
    "scheduler.peak_mb": "<= 150",
    "history.page_p95_ms": "<= 100",
    "history.search_p95_ms": "<= 100",
    "history.export_peak_mb": "<= 150",
    "api.p95_ms": "<= 50",
    "console.slowest_p95_ms": "<= 100",
    "console.first_page_kb": "<= 60",
    "console.peak_mb": "<= 150",
}


def of_comparison(rounds: Mapping[str, Sequence[Throughput]], rows: Mapping[str, object]) -> Json:
    """Ours, each peer, how they compare, and the floors; what was not measured is not there."""
    figures: Json = {mode: of_throughput(rounds[mode]) for mode in MODES if mode in rounds}
    if rows:
        figures["rows"] = rows
    peers = {name: {"label": PEERS[name].label, **of_throughput(rounds[name])} for name in PEERS if name in rounds}
    if peers:
        figures["peers"] = peers
    for key, mode in (("ratio_single", "send"), ("ratio", "sendmulti")):
        if mode in rounds and peers:
            figures[key] = of_ratio(rounds[mode], {name: rounds[name] for name in peers})
    for floor, mode in FLOORS.items():
        if floor in rounds:
            ratio = cpu_of(rounds[mode]) / cpu_of(rounds[floor])
            figures[floor] = {"cpu_ratio": round(ratio, 2), **of_throughput(rounds[floor])}
    return figures


def of_ratio(ours: Sequence[Throughput], peers: Mapping[str, Sequence[Throughput]]) -> Json:
    """Ours against the peer that is best at it, in events a second and in processor time an event."""
    fastest = max(peers, key=lambda name: pace_of(peers[name]))
    thriftiest = min(peers, key=lambda name: cpu_of(peers[name]))
    by_round = [
        round(own.events_per_s / max(rounds[nth].events_per_s for rounds in peers.values()), 2)
        for nth, own in enumerate(ours)
    ]
    return {
        "events": round(pace_of(ours) / pace_of(peers[fastest]), 2),
        "cpu": round(cpu_of(peers[thriftiest]) / cpu_of(ours), 2),
        "fastest_peer": fastest,
        "thriftiest_peer": thriftiest,
        "rounds_events": by_round,
    }


def pace_of(rounds: Sequence[Throughput]) -> float:
    """Events a second of the round in the middle."""
    return median(throughput.events_per_s for throughput in rounds)


def cpu_of(rounds: Sequence[Throughput]) -> float:
    """Processor time an event of the system's own processes, in ms."""
    return median(throughput.own_cpu_ms for throughput in rounds)


def of_throughput(rounds: Sequence[Throughput]) -> Json:
    """The round in the middle, and the pace of each."""
    middle = sorted(rounds, key=lambda throughput: throughput.events_per_s)[len(rounds) // 2]
    whole = sum(middle.cpu_ms.values())
    return {
        "events_per_s": round(middle.events_per_s),
        "cpu_ms_per_event": round(cpu_of(rounds), 3),
        "cpu_ms_per_event_with_servers": round(whole, 3),
        "servers_cpu_ms_per_event": round(whole - middle.own_cpu_ms, 3),
        "events": middle.events,
        "posts": middle.posts,
        "texts_per_post": round(middle.events / middle.posts, 1),
        "rounds_events_per_s": [round(throughput.events_per_s) for throughput in rounds],
        "publish_events_per_s": round(middle.events / middle.publish_s),
        "cpu_ms_per_event_by_process": middle.cpu_ms,
        "others_share_of_cpu": round(middle.others_share, 2),
        "rounds_others_share_of_cpu": [round(throughput.others_share, 2) for throughput in rounds],
    }


def of_latency(latency: Latency, pace: float) -> Json:
    """As it is."""
    whole = sum(latency.cpu_ms.values())
    return {
        "events": latency.events,
        "p50_ms": round(latency.p50_ms, 1),
        "p99_ms": round(latency.p99_ms, 1),
        "max_ms": round(latency.max_ms, 1),
        "events_per_s": pace,
        "cpu_ms_per_event": round(latency.own_cpu_ms, 2),
        "cpu_ms_per_event_with_servers": round(whole, 2),
        "cpu_ms_per_event_by_process": latency.cpu_ms,
        "others_share_of_cpu": round(latency.others_share, 2),
    }


def of_clockwork(struck: Struck, memory: MemoryFigures) -> Json:
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


def of_memory(memories: Mapping[str, Sequence[MemoryFigures]]) -> Json:
    """The hungriest process, and whether all stay flat; `memories` is by measurement and round."""
    processes = {part: {name: of_rounds(name, rounds) for name in rounds[0]} for part, rounds in memories.items()}
    every = [figures for part in processes.values() for figures in part.values()]
    return {
        "peak_mb": max((float(str(figures["peak_mb"])) for figures in every), default=0.0),
        "flat": all(figures["flat"] for figures in every),
        "processes": processes,
    }


def of_rounds(name: str, rounds: Sequence[MemoryFigures]) -> Json:
    """One process in all rounds: its highest peak, and its growth in the round in the middle."""
    peak = max(float(str(figures[name]["peak_mb"])) for figures in rounds)
    growth = median(float(str(figures[name]["growth_mb"])) for figures in rounds)
    return {"peak_mb": peak, "growth_mb": growth, "flat": growth <= FLAT_SHARE * peak}


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
    """Its name, where Linux shows it."""
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


def write(report: Mapping[str, object], file: Path) -> list[Path]:
    """Keep it."""
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2) + b"\n")
    return [file]

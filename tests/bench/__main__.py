"""`python -m tests.bench`: how fast, how soon, how much memory, on private and durable servers of its own."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

from deploy.services.processes import ending_on_signals
from tests.bench import report
from tests.bench.measure import Throughput, latency, memory_of, throughput, warm
from tests.bench.profile import profiled
from tests.bench.scheduler.almanac import noon_almanac
from tests.bench.scheduler.clockwork import scheduler_of, struck
from tests.bench.servers import Servers, servers
from tests.bench.stage import ACCOUNTS, PROVIDER_DELAY_MS, Layout, Stage, busy, stage_of
from tests.bench.top_speed import top_speed

MODES = ("sendmulti", "send")
SCHEDULER = "scheduler"
PACE = 100.0
DEFAULTS = Layout()


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured.

    Attributes:
        events: of one round, by POST mode.
        calendar: rows of it, of which `due` are due at once.
    """

    events: dict[str, int]
    rounds: int
    latency: int
    warm: int
    top_speed_s: float
    calendar: int
    due: int


WHOLE = Size(
    {"sendmulti": 30_000, "send": 8_000},
    rounds=3,
    latency=3_000,
    warm=500,
    top_speed_s=2.0,
    calendar=1_000_000,
    due=100_000,
)
QUICK = Size({"sendmulti": 200, "send": 200}, rounds=1, latency=100, warm=50, top_speed_s=0.2, calendar=4_000, due=400)


@dataclass(slots=True)
class Run:
    """What is run, and what came of it."""

    servers: Servers
    layout: Layout
    size: Size
    folder: Path
    is_profiled: bool
    measured: report.Json
    memory: dict[str, report.Memory] = field(default_factory=dict[str, report.Memory])
    faults: list[str] = field(default_factory=list[str])

    def measure(self, mode: str) -> None:
        """One POST mode on a stage of its own."""
        prepare = busy(mode, self.layout)
        with stage_of(self.servers, mode, self.layout, self.folder, prepare=prepare) as stage:
            warm(stage, self.size.warm)
            self.measured[mode] = report.of_throughput([self.round(stage, mode) for _ in range(self.size.rounds)])
            self.memory[mode] = memory_of(stage.ours)
            if mode == "send":
                self.measured["latency"] = report.of_latency(latency(stage, self.size.latency, pace=PACE), PACE)
            self.faults += stage.faults()

    def clockwork(self) -> None:
        """The scheduler on a stage of its own, whose accounts send at the pace that they begin with."""
        almanac = noon_almanac(self.size.calendar, self.size.due, accounts=ACCOUNTS, echo=echo)
        with stage_of(self.servers, SCHEDULER, self.layout, self.folder, prepare=almanac.prepare) as stage:
            result = struck(stage, almanac, echo, watch=self.watch(stage, SCHEDULER, almanac.due))
            memory = memory_of(scheduler_of(stage))
            self.measured[SCHEDULER] = report.of_clockwork(result, memory)
            self.memory[SCHEDULER] = memory
            self.faults += result.faults

    def round(self, stage: Stage, mode: str) -> Throughput:
        """One backlog."""
        events = self.size.events[mode]
        return throughput(stage, events, watch=self.watch(stage, mode, events))

    def watch(self, stage: Stage, name: str, events: int) -> AbstractContextManager[object] | None:
        """What looks where the time goes, if that is asked for."""
        return profiled(stage, report.FILE.parent, name, events) if self.is_profiled else None


def main(arguments: Sequence[str]) -> int:
    """Measure what is asked for; 1 if something was not sent exactly once."""
    asked = read(arguments)
    layout = Layout(asked.workers, asked.threads, asked.multi_max)
    size = sized(QUICK if asked.quick else WHOLE, asked)
    began = time.monotonic()
    with (
        ending_on_signals(),
        servers(own=not asked.quick) as result,
        tempfile.TemporaryDirectory(prefix="sms-bench-") as address,
    ):
        if asked.profile:
            result.watch_statements()
        head = {**report.of_machine(result, layout), "method": report.METHOD, "quick": asked.quick}
        run = Run(result, layout, size, Path(asked.keep or address), asked.profile, head)
        run.folder.mkdir(parents=True, exist_ok=True)
        run.measured["provider"] = top_speed(PROVIDER_DELAY_MS, size.top_speed_s)
        for name in asked.only.split(","):
            if name == SCHEDULER:
                run.clockwork()
            else:
                run.measure(name)
    whole = {**run.measured, "memory": report.of_memory(run.memory), "sent_once": not run.faults, "faults": run.faults}
    whole["seconds"] = round(time.monotonic() - began, 1)
    report.write(whole, Path(asked.report))
    echo("\n".join([*report.lines(whole), f"{asked.report} written"]))
    return 1 if run.faults else 0


def read(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few hundred events: does it work at all")
    parser.add_argument("--profile", action="store_true", help="look where the time goes; the figures do not count")
    parser.add_argument("--only", default=",".join((*MODES, SCHEDULER)), help="some of them")
    parser.add_argument("--workers", type=int, default=DEFAULTS.workers)
    parser.add_argument("--threads", type=int, default=DEFAULTS.threads, help="of each worker")
    parser.add_argument("--multi-max", type=int, default=DEFAULTS.multi_max, help="texts in one sendmulti")
    parser.add_argument("--events", type=int, help="of one round, whatever the mode")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--calendar", type=int, help="rows of the calendar")
    parser.add_argument("--due", type=int, help="birthdays at once")
    parser.add_argument("--keep", default="", help="a folder for the logs of our processes")
    parser.add_argument("--report", default=str(report.FILE))
    return parser.parse_args(arguments)


def sized(size: Size, asked: argparse.Namespace) -> Size:
    """The size with what the command line says instead."""
    events = {mode: asked.events or number for mode, number in size.events.items()}
    calendar, due = asked.calendar or size.calendar, asked.due or size.due
    return replace(size, events=events, rounds=asked.rounds or size.rounds, calendar=calendar, due=due)


def echo(text: str) -> None:
    """A line on stdout, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

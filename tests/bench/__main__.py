"""`python -m tests.bench`: how fast, how soon, how much memory, on private and durable servers of its own."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from deploy.services.processes import ending_on_signals
from tests.bench.api.part import api
from tests.bench.burst import burst, paced
from tests.bench.comparison import Comparison
from tests.bench.console.part import console
from tests.bench.figures import chart, report
from tests.bench.growth.fill import add_accounts
from tests.bench.history.part import history
from tests.bench.measure import MemoryFigures, latency, memory_of, warm
from tests.bench.outcomes.pair import Pair
from tests.bench.parts import (
    API,
    BURST,
    CONSOLE,
    CONTENDERS,
    FLOOR,
    FLOOR_SINGLE,
    HISTORY,
    LATENCY,
    OUTCOMES,
    PARTS,
    SCHEDULER,
    TENANTS,
    parts_of,
)
from tests.bench.peers.environment import interpreter
from tests.bench.peers.stage import PEERS
from tests.bench.processes import busy_core
from tests.bench.profile import profiled
from tests.bench.scheduler.almanac import noon_almanac
from tests.bench.scheduler.clockwork import scheduler_of, struck
from tests.bench.servers import Servers, servers
from tests.bench.stage import ACCOUNTS, PROVIDER_DELAY_MS, Layout, Stage, busy, stage_of
from tests.bench.top_speed import top_speed

PACE = 100.0
DEFAULTS = Layout()


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured.

    Attributes:
        events: of one round, by contender; of a peer where none is named.
        latency: events, alone and again beside a busy loop.
        burst: texts of one account at once.
        calendar: rows of it, of which `due` are due at once.
        history: notifications that are searched, of which `exported` are exported, or asked for by `pages`.
        accounts: how many there are while memory is looked at.
    """

    events: dict[str, int]
    peers: int
    rounds: int
    latency: int
    burst: int
    warm: int
    top_speed_s: float
    calendar: int
    due: int
    history: int
    exported: int
    pages: int
    accounts: tuple[int, ...]

    def of(self, name: str) -> int:
        return self.events.get(name, self.peers)


WHOLE = Size(
    {"send": 8_000, "sendmulti": 20_000, FLOOR: 8_000, FLOOR_SINGLE: 8_000},
    peers=4_000,
    rounds=3,
    latency=3_000,
    burst=1_500,
    warm=500,
    top_speed_s=2.0,
    calendar=1_000_000,
    due=100_000,
    history=1_000_000,
    exported=100_000,
    pages=12_000,
    accounts=(100, 10_000),
)
QUICK = Size(
    {},
    peers=200,
    rounds=1,
    latency=100,
    burst=100,
    warm=50,
    top_speed_s=0.2,
    calendar=4_000,
    due=400,
    history=5_000,
    exported=500,
    pages=200,
    accounts=(10, 20),
)


@dataclass(slots=True)
class Run:
    """What is run, and what came of it."""

    servers: Servers
    layout: Layout
    size: Size
    folder: Path
    is_profiled: bool
    measured: report.Json
    memory: dict[str, list[MemoryFigures]] = field(default_factory=dict[str, list[MemoryFigures]])
    faults: list[str] = field(default_factory=list[str])

    def compare(self, names: Sequence[str]) -> None:
        """Ours, the peers and the floor, or some of them."""
        if not names:
            return
        began = time.monotonic()
        events = {name: self.size.of(name) for name in CONTENDERS}
        comparison = Comparison(self.servers, self.layout, self.folder, events, self.size.warm, self.watch)
        comparison.run(names, self.size.rounds, echo)
        self.measured |= report.of_comparison(comparison.rounds, comparison.rows)
        self.measured["comparison_seconds"] = round(time.monotonic() - began, 1)
        self.memory |= comparison.memory
        self.faults += comparison.faults

    def latency(self) -> None:
        """Events one by one, with the machine to ourselves and beside a loop that takes one core."""
        prepare = busy("send", self.layout)
        with stage_of(self.servers, LATENCY, self.layout, self.folder, prepare=prepare) as stage:
            warm(stage, self.size.warm)
            alone = latency(stage, self.size.latency, pace=PACE)
            with busy_core() as loop:
                beside = latency(stage, self.size.latency, pace=PACE, beside=[loop])
            self.measured[LATENCY] = {
                **report.of_latency(alone, PACE),
                "beside_busy_core": report.of_latency(beside, PACE),
            }
            self.memory[LATENCY] = [memory_of(stage.ours)]
            self.faults += stage.faults()

    def burst(self) -> None:
        """A burst of one account, whose pace keeps one worker waiting."""
        layout = replace(self.layout, workers=1)
        with stage_of(self.servers, BURST, layout, self.folder, prepare=paced) as stage:
            self.measured[BURST] = burst(stage, self.size.burst)
            self.faults += stage.faults()

    def outcomes(self) -> None:
        """CRMs that hear, and CRMs that do not."""

        def staged(name: str, prepare: Callable[[str], None]) -> AbstractContextManager[Stage]:
            return stage_of(self.servers, name, self.layout, self.folder, prepare=prepare)

        pair = Pair(self.watch)
        sizes = (self.size.rounds, self.size.of("send"), self.size.warm)
        self.measured[OUTCOMES] = pair.run(staged, busy("send", self.layout), sizes)
        self.faults += pair.faults

    def clockwork(self) -> None:
        """The scheduler on a stage of its own, whose accounts send as fast as they can, many texts a request."""
        almanac = noon_almanac(self.size.calendar, self.size.due, accounts=ACCOUNTS, echo=echo)
        ready = busy("sendmulti", self.layout)

        def prepare(url: str) -> None:
            almanac.prepare(url)
            ready(url)

        with stage_of(self.servers, SCHEDULER, self.layout, self.folder, prepare=prepare) as stage:
            result = struck(stage, almanac, echo, watch=self.watch(stage, SCHEDULER, almanac.due))
            memory = memory_of(scheduler_of(stage))
            self.measured[SCHEDULER] = report.of_clockwork(result, memory)
            self.memory[SCHEDULER] = [memory]
            self.faults += result.faults

    def history(self) -> None:
        """Pages, searches and exports of a ledger of its own, whatever becomes of anything else."""
        self.measured[HISTORY] = history(self.servers.database_url, self.size.history, self.size.exported, echo)

    def api(self) -> None:
        """One client's page over HTTP, beside a worker."""
        size = self.size
        figures, faults = api(self.servers, self.folder, rows=size.history, pages=size.pages, echo=echo)
        self.measured[API] = figures
        self.faults += faults

    def console(self) -> None:
        """Every page of the console in turn."""
        self.measured[CONSOLE] = console(self.servers.database_url, self.folder, rows=self.size.history, echo=echo)

    def accounts(self) -> None:
        """What each process needs of memory where there are few accounts, and many."""
        figures: report.Json = {}
        for number in self.size.accounts:
            prepare = partial(with_accounts, number, busy("send", self.layout))
            with stage_of(self.servers, f"{TENANTS}-{number}", self.layout, self.folder, prepare=prepare) as stage:
                stage.accounts = number
                warm(stage, self.size.warm)
                latency(stage, self.size.latency, pace=PACE)
                figures[f"at_{number}"] = report.of_memory({"once": [memory_of(stage.ours)]})
                self.faults += stage.faults()
        self.measured[TENANTS] = figures

    @property
    def others(self) -> dict[str, Callable[[], None]]:
        """Parts that are no comparison."""
        return {
            LATENCY: self.latency,
            BURST: self.burst,
            OUTCOMES: self.outcomes,
            SCHEDULER: self.clockwork,
            HISTORY: self.history,
            API: self.api,
            CONSOLE: self.console,
            TENANTS: self.accounts,
        }

    def watch(self, stage: Stage, name: str, events: int) -> AbstractContextManager[object] | None:
        """What looks where the time goes, if that is asked for."""
        return profiled(stage, report.FILE.parent, name, events) if self.is_profiled else None


def with_accounts(number: int, ready: Callable[[str], None], url: str) -> None:
    """So many accounts, all as ready as the first."""
    ready(url)
    add_accounts(url, ACCOUNTS, number)


def main(arguments: Sequence[str]) -> int:
    """Measure what is asked for; 1 if something was not sent exactly once."""
    asked = read(arguments)
    parts: tuple[str, ...] = asked.only
    layout = Layout(asked.workers, asked.threads, asked.multi_max)
    size = sized(QUICK if asked.quick else WHOLE, asked)
    if not PEERS.keys().isdisjoint(parts):
        interpreter()
    began = time.monotonic()
    with (
        ending_on_signals(),
        servers(own=not asked.quick) as result,
        tempfile.TemporaryDirectory(prefix="sms-bench-") as address,
    ):
        if asked.profile:
            result.watch_statements()
        head = {
            "command": command_of(arguments),
            **report.of_machine(result, layout),
            "method": report.METHOD,
            "quick": asked.quick,
        }
        run = Run(result, layout, size, Path(asked.keep or address), asked.profile, head)
        run.folder.mkdir(parents=True, exist_ok=True)
        run.measured["provider"] = top_speed(PROVIDER_DELAY_MS, size.top_speed_s)
        run.compare([name for name in CONTENDERS if name in parts])
        for part in [run.others[name] for name in parts if name in run.others]:
            part()
    whole = {**run.measured, "memory": report.of_memory(run.memory), "sent_once": not run.faults, "faults": run.faults}
    whole["seconds"] = round(time.monotonic() - began, 1)
    written = report.write(whole, Path(asked.report))
    if set(CONTENDERS) <= set(parts):
        written += chart.write(whole, Path(asked.report), is_published=asked.publish)
    echo("\n".join([*report.lines(whole), *(f"{file} written" for file in written)]))
    return 1 if run.faults else 0


def command_of(arguments: Sequence[str]) -> str:
    """How anybody repeats it."""
    words = " ".join(word for word in arguments if word != "--publish")
    return f'make bench ARGS="{words}"' if words else "make bench"


def read(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few hundred events: does it work at all")
    parser.add_argument("--profile", action="store_true", help="look where the time goes; the figures do not count")
    parser.add_argument(
        "--only", type=parts_of, default=PARTS, metavar="NAME[,NAME]", help=f"some of {', '.join(PARTS)}"
    )
    parser.add_argument("--workers", type=int, default=DEFAULTS.workers)
    parser.add_argument("--threads", type=int, default=DEFAULTS.threads, help="of each worker")
    parser.add_argument("--multi-max", type=int, default=DEFAULTS.multi_max, help="texts in one sendmulti")
    parser.add_argument("--events", type=int, help="of one round, whoever it is")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--latency", type=int, help="events one by one")
    parser.add_argument("--calendar", type=int, help="rows of the calendar")
    parser.add_argument("--due", type=int, help="birthdays at once")
    parser.add_argument("--history", type=int, help="notifications that are searched")
    parser.add_argument("--keep", default="", help="a folder for the logs of all processes")
    parser.add_argument("--publish", action="store_true", help=f"keep the chart as {chart.PUBLISHED}, for the README")
    parser.add_argument("--report", default=str(report.FILE))
    return parser.parse_args(arguments)


def sized(size: Size, asked: argparse.Namespace) -> Size:
    """The size with what the command line says instead."""
    if asked.events:
        size = replace(size, events={}, peers=asked.events)
    return replace(
        size,
        rounds=asked.rounds or size.rounds,
        latency=asked.latency or size.latency,
        calendar=asked.calendar or size.calendar,
        due=asked.due or size.due,
        history=asked.history or size.history,
    )


def echo(text: str) -> None:
    """A line on stdout, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

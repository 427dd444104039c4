"""A soak as it goes: the peak, then half of it for minutes with everything beside, then the count."""

import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from tests.soak.beside import Visits, visited
from tests.soak.samples import Looker, Samples
from tests.soak.stage import Stage, peak
from tests.soak.trend import READY_IN
from tests.support.waiting import repeated

#: Events before anything is measured, and those by which the peak is.
WARM, PEAK = 500, 4_000
#: The share of the peak, how many samples a run has, and how often a worker is replaced and a line printed.
SHARE, SAMPLES, RESTART_S, LINE_S = 0.5, 400, 30.0, 15.0
#: How many seconds of events are made at once: the next ones while these are published.
PORTION_S = 15.0


@dataclass(slots=True)
class Run:
    """What came of it."""

    minutes: float
    pace: float
    peak: float
    samples: Samples
    visits: Visits = field(default_factory=Visits)
    lasted_s: float = 0.0
    is_whole: bool = False
    lost: int = 0
    doubled: int = 0
    published: int = 0
    restarts: int = 0
    kills: int = 0
    faults: list[str] = field(default_factory=list[str])

    @property
    def growing(self) -> list[str]:
        return [name for name, found in self.samples.trends().items() if not found.is_flat]

    @property
    def is_good(self) -> bool:
        return self.is_whole and not (self.growing or self.lost or self.doubled or self.faults)

    @property
    def verdict(self) -> str:
        """In one line."""
        growing = f"grows: {', '.join(self.growing)}" if self.growing else "all is flat"
        whole = "" if self.is_whole else f"interrupted after {self.lasted_s:.0f} s, nothing is counted; "
        faults = f"; {'; '.join(self.faults)}" if self.faults else ""
        return f"{whole}{growing}; lost {self.lost}, doubled {self.doubled}{faults}"

    def progress(self) -> str:
        """How it is, now and then."""
        newest = self.samples.newest
        ready = sum(series[-1] for name, series in self.samples.values.items() if name.startswith(READY_IN))
        memory = max((series[-1] for name, series in self.samples.values.items() if "worker" in name), default=0.0)
        return (
            f"{self.lasted_s:.0f} of {self.minutes * 60:.0f} s: {ready:.0f} messages ready, "
            f"the oldest text waits {newest('oldest waits'):.1f} s, workers at most {memory:.0f} MB, "
            f"{newest('sessions of PostgreSQL'):.0f} sessions, {newest('dead tuples'):.1f} % dead tuples, "
            f"{len(self.visits.pages)} pages, {len(self.visits.exports)} exports"
        )


def soaked(stage: Stage, minutes: float, pace: float, echo: Callable[[str], None]) -> Run:
    """Measure the peak, then run at half of it, with everything beside; Ctrl-C ends it early."""
    with ExitStack() as passing:
        stage.replaced(passing)
        stage.publish(WARM)
        stage.wait_reported()
        highest = peak(stage, PEAK)
        wanted = pace or highest * SHARE
        echo(f"peak {highest:,.0f} texts a second with their reports; {minutes:g} minutes at {wanted:,.0f}")
        run = Run(minutes, wanted, highest, Samples(time.monotonic()))
        try:
            with visited(stage.pool, stage.console_url) as run.visits, sampled(stage, run):
                load(stage, run, passing, echo)
            settle(stage, run)
        except KeyboardInterrupt:
            echo("interrupted: the report is of what there was")
        run.published, run.restarts, run.kills = stage.published, stage.restarts, stage.kills
        return run


def load(stage: Stage, run: Run, passing: ExitStack, echo: Callable[[str], None]) -> None:
    """Publish portion after portion at an even pace, and replace a worker now and then."""
    portion, portions = max(1, round(run.pace * PORTION_S)), max(1, round(run.minutes * 60 / PORTION_S))
    restarted = shown = time.monotonic()
    with ExitStack() as stack:
        following = stack.enter_context(stage.generator(portion, run.pace))
        for nth in range(portions):
            present = following
            with stack.pop_all():
                present.send_line("go")
                if nth + 1 < portions:
                    following = stack.enter_context(stage.generator(portion, run.pace))
                if time.monotonic() - restarted >= RESTART_S:
                    stage.replaced(passing)
                    restarted = time.monotonic()
                present.line()
            run.lasted_s = time.monotonic() - run.samples.began
            if time.monotonic() - shown >= LINE_S:
                echo(run.progress())
                shown = time.monotonic()


def settle(stage: Stage, run: Run) -> None:
    """Wait until all is done, and count."""
    try:
        stage.wait_reported()
    except AssertionError as error:
        run.faults.append(str(error))
    run.is_whole = True
    run.lost, run.doubled, wrong = stage.wrong()
    run.faults += [*wrong, *(f"{number} x {what}" for what, number in run.visits.faults.items())]


@contextmanager
def sampled(stage: Stage, run: Run) -> Generator[None]:
    """Take samples until the block ends."""
    amqp, pids = stage.servers.amqp_url, stage.servers.pids
    looker = Looker(stage.database_url, amqp, lambda: stage.processes, pids, lambda: stage.state()["texts"])
    every_s = min(10.0, max(1.0, run.minutes * 60 / SAMPLES))
    with repeated(lambda: looker.look(run.samples, time.monotonic()), every_s=every_s, name="samples"):
        yield

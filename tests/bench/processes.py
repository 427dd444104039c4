"""Processes of a benchmark: started, asked, frozen, ended; their processor time and memory as Linux counts them."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.support.waiting import repeated, wait_until

TICKS = os.sysconf("SC_CLK_TCK")
#: More than a worker needs to finish what is in hand.
STOP_S = 40.0
SAMPLE_S = 0.25
#: What a process may need more in the last quarter of a run than in its second, and still count as flat.
FLAT_SHARE = 0.05


@dataclass(slots=True)
class Memory:
    """Resident megabytes of a process, sampled."""

    samples: list[float] = field(default_factory=list[float])

    @property
    def peak_mb(self) -> float:
        return max(self.samples, default=0.0)

    @property
    def growth_mb(self) -> float:
        """How much more the last quarter of the run needed than the second: the first is its warming."""
        quarter = len(self.samples) // 4
        if not quarter:
            return 0.0
        return median(self.samples[-quarter:]) - median(self.samples[quarter : 2 * quarter])

    @property
    def is_flat(self) -> bool:
        return self.growth_mb <= FLAT_SHARE * self.peak_mb


@dataclass(slots=True)
class Process:
    """One of ours that runs."""

    name: str
    popen: subprocess.Popen[bytes]
    memory: Memory = field(default_factory=Memory)

    @property
    def cpu_s(self) -> float:
        """User and system time so far; proc(5)."""
        stat = stat_of(self.popen.pid)
        return (int(stat[11]) + int(stat[12])) / TICKS

    @property
    def resident_mb(self) -> float:
        """VmRSS; proc(5)."""
        for line in Path(f"/proc/{self.popen.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    @property
    def pids(self) -> list[int]:
        return [self.popen.pid]

    def signal(self, number: signal.Signals) -> None:
        for pid in self.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def line(self) -> str:
        """The next line of its output."""
        assert self.popen.stdout is not None
        text = self.popen.stdout.readline().decode()
        assert text, f"{self.name} ended with {self.popen.wait()}"
        return text.strip()

    def send_line(self, text: str) -> None:
        """Give it a line."""
        assert self.popen.stdin is not None
        self.popen.stdin.write(f"{text}\n".encode())
        self.popen.stdin.flush()


class Family(Process):
    """A program that starts processes of its own: the leader of a session, and all that belong to it."""

    @property
    def cpu_s(self) -> float:
        """User and system time of all, and of those that have ended; proc(5)."""
        stats = [stat for pid in self.pids if (stat := stat_of(pid))]
        leader = stat_of(self.popen.pid)
        ended = int(leader[13]) + int(leader[14]) if leader else 0
        return (sum(int(stat[11]) + int(stat[12]) for stat in stats) + ended) / TICKS

    @property
    def pids(self) -> list[int]:
        session = str(self.popen.pid)
        pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        return [pid for pid in pids if (stat := stat_of(pid)) and stat[3] == session]


def stat_of(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the third on; nothing for a process that has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


@contextmanager
def speaking(name: str, module: str, *arguments: str, environment: Mapping[str, str]) -> Generator[Process]:
    """A process of the harness that is spoken with; it ends with the block."""
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as popen:
        try:
            yield Process(name, popen)
        finally:
            popen.kill()


@contextmanager
def product(name: str, *arguments: str, environment: Mapping[str, str], log: Path) -> Generator[Process]:
    """`perfectum-sms worker` or another of the product's own, once it works; it ends in good order."""
    program = Path(sys.executable).with_name("perfectum-sms")
    process = Process(name, logging([program, *arguments], environment, log))
    try:
        wait_until_logged(process, log, f'"{arguments[0]}.started"')
        yield process
    finally:
        process.signal(signal.SIGCONT)
        process.signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.popen.wait(STOP_S)
        process.popen.kill()
        process.popen.wait()


@contextmanager
def family(
    name: str, command: Sequence[str | Path], *, environment: Mapping[str, str], log: Path, ready: str, times: int = 1
) -> Generator[Process]:
    """Another program, once it has printed so often that it works; killed afterwards with all that it started."""
    process = Family(name, logging(command, environment, log))
    try:
        wait_until_logged(process, log, ready, times)
        yield process
    finally:
        process.signal(signal.SIGKILL)
        process.popen.wait()


def logging(command: Sequence[str | Path], environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """A program in a session of its own, whose output is in a file."""
    with log.open("wb") as output:
        return subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=output, stderr=output, start_new_session=True
        )


def wait_until_logged(process: Process, log: Path, text: str, times: int = 1) -> None:
    """Wait until a program has printed so often that it works."""
    wait_until(
        lambda: process.popen.poll() is not None or log.read_text().count(text) >= times, f"{process.name} works"
    )
    assert process.popen.poll() is None, log.read_text()


@contextmanager
def busy_core() -> Generator[Process]:
    """A loop that keeps the first core busy."""
    popen = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        os.sched_setaffinity(popen.pid, {min(os.sched_getaffinity(0))})
        yield Process("busy loop", popen)
    finally:
        popen.kill()
        popen.wait()


@contextmanager
def sampled(processes: list[Process]) -> Generator[None]:
    """Sample everybody's memory while the block runs."""

    def sample() -> None:
        for process in processes:
            with suppress(OSError):
                process.memory.samples.append(process.resident_mb)

    with repeated(sample, every_s=SAMPLE_S, name="memory"):
        yield

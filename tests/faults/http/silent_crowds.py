"""Servers with a crowd of silent connections: callbacks and probes are answered all the same."""

import os
import resource
import socket
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.fleet import Fleet, Slot
from tests.faults.harness.row import Result
from tests.faults.receipts.receipts import judged, reporting, until_true, wait_for_reports
from tests.faults.verdict.outputs import size_besides_work
from tests.faults.workers.process_ends import faulted
from tests.support.http_client import is_closed
from tests.support.waiting import wait_until

#: Silent connections: to the door of callbacks, and of a process that may open few files.
CALLERS, AT_1024, AT_44 = 2_000, 1_300, 40
#: How long they are held.
HELD_S = 30.0
#: How often a closed connection is opened again, and how often the process is probed.
AGAIN_S, PROBE_S = 1.0, 0.25
PROBE_TIMEOUT_S = 5.0
#: What a crowd may cost: a part of a processor, and log lines.
CPU_MAX, LOG_MAX = 0.5, 20_000
TICKS = os.sysconf("SC_CLK_TCK")
#: What a report meets: it is written down, or its message is not known yet.
WELL = {"200", "404"}


class Crowd:
    """Silent connections; those that are closed are opened again."""

    def __init__(self, url: str, size: int) -> None:
        parts = urlsplit(url)
        self._at = (str(parts.hostname), int(parts.port or 0))
        self._ending = threading.Event()
        self._held: list[socket.socket | None] = [None] * size
        self._thread = threading.Thread(target=self._connect_all, daemon=True)
        self._thread.start()

    @property
    def size(self) -> int:
        """How many are open."""
        return sum(connection is not None for connection in list(self._held))

    def end(self) -> None:
        self._ending.set()
        self._thread.join()
        for connection in self._held:
            if connection:
                connection.close()

    def _connect_all(self) -> None:
        while not self._ending.is_set():
            for nth, connection in enumerate(self._held):
                if self._ending.is_set():
                    return
                if connection is None or is_closed(connection):
                    self._held[nth] = self._come()
            self._ending.wait(AGAIN_S)

    def _come(self) -> socket.socket | None:
        with suppress(OSError):
            return socket.create_connection(self._at, timeout=AGAIN_S)
        return None


@contextmanager
def crowd_at(url: str, size: int) -> Generator[Crowd]:
    """A crowd while the block runs."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    crowd = Crowd(url, size)
    try:
        yield crowd
    finally:
        crowd.end()


def at_callbacks(stage: Stage, _runs: int, *, size: int, files: int | None = None) -> Result:
    """A crowd at the door of callbacks while reports come; the console may open so many files."""
    with reporting(stage) as (fleet, console):
        probed = door_of(fleet, console)
        if files:
            resource.prlimit(pid_of(console), resource.RLIMIT_NOFILE, (files, files))
        load = stage.publish(stage.events.stream(int(10 * HELD_S), people=1), pace=10)
        with crowd_at(fleet.log_lines("callbacks.listening")[0]["sms.at"], size):
            seen = probed_for(HELD_S, probed, console, stage.folder / f"{console.name}.log")
        load.wait()
        assert stage.rest().came, "it came to rest"
        wait_for_reports(stage)
        until_true(stage)
        result = judged(stage, stage.result(fleet, runs=1, since=moment()))
    answers: dict[str, int] = dict(result.figures["answers"])  # type: ignore[call-overload] # counts by answer
    put_off = sum(tries for answer, tries in answers.items() if answer not in WELL)
    faults = [f"{put_off} tries of reports were put off"] if put_off else []
    return faulted(replace(result, figures={**result.figures, **seen}), [*faults, *costly(seen)])


def at_health(stage: Stage, _runs: int, *, size: int, files: int | None = None) -> Result:
    """A crowd at the door at which a scheduler is probed; it may open so many files."""
    with stage.fleet() as fleet:
        scheduler = fleet.schedulers[0]
        door = door_of(fleet, scheduler)
        wait_until(lambda: is_well(door, "/readyz"), "it is ready")
        if files:
            resource.prlimit(pid_of(scheduler), resource.RLIMIT_NOFILE, (files, files))
        load = stage.publish(stage.events.stream(int(HELD_S), people=1), pace=1)
        with crowd_at(door, size):
            seen = probed_for(HELD_S, door, scheduler, stage.folder / f"{scheduler.name}.log")
        load.wait()
        result = stage.result(fleet, runs=1, since=moment())
    return faulted(replace(result, figures=seen), costly(seen))


def door_of(fleet: Fleet, slot: Slot) -> str:
    """Where a process is probed."""
    pid = pid_of(slot)
    return next(line["sms.at"] for line in fleet.log_lines("http.listening") if line["process.pid"] == pid)


def pid_of(slot: Slot) -> int:
    """Of the process in this slot."""
    assert slot.pid, "it lives"
    return slot.pid


def is_well(door: str, address: str = "/livez") -> bool:
    """Whether a probe is answered, and well."""
    try:
        return httpx.get(f"{door}{address}", timeout=PROBE_TIMEOUT_S, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def probed_for(seconds: float, door: str, slot: Slot, log: Path) -> dict[str, object]:
    """What probes meet for so long, and what the process spends on it."""
    pid, began, spent, count = pid_of(slot), time.monotonic(), cpu_s(pid_of(slot)), log.stat().st_size
    end = began + seconds
    answers: list[bool] = []
    while time.monotonic() < end:
        answers.append(is_well(door))
        time.sleep(PROBE_S)
    took = time.monotonic() - began
    return {
        "probes": len(answers),
        "probes failed": answers.count(False),
        "CPU": round((cpu_s(pid) - spent) / took, 2),
        "log bytes": size_besides_work(log.read_bytes()[count:]),
    }


def cpu_s(pid: int) -> float:
    """What a process has spent of its processors."""
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / TICKS


def costly(seen: dict[str, object]) -> Sequence[str]:
    """What is too much of it."""
    failed, cpu, log_bytes = (float(str(seen[name])) for name in ("probes failed", "CPU", "log bytes"))
    faults = [f"{failed:.0f} of {seen['probes']} probes failed"] if failed else []
    faults += [f"{cpu:.0%} of a processor"] if cpu > CPU_MAX else []
    return faults + ([f"{log_bytes:.0f} bytes of log"] if log_bytes > LOG_MAX else [])

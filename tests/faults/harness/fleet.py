"""Keeps workers and schedulers alive: whoever dies is replaced at once, and every end is counted."""

import os
import re
import signal
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import orjson

from tests.faults.harness.nursery import Birth, News, Nursery
from tests.support.waiting import wait_until

KILLED = -signal.SIGKILL
#: The exit code of a process that had to be killed at the end.
UNWILLING = -1000
#: A worker drains for 25 s at most.
STOP_S = 40.0
NAMES = count(1)
#: Dramatiq's log message of a retry, and how long a retry takes once it is due.
RETRY, RETRIED_S = re.compile(r"^Retrying message .* in (\d+) milliseconds"), 1.0


@dataclass(slots=True)
class Slot:
    """A slot of the fleet that always has a process; `lives` counts the processes asked for, `births` those forked."""

    name: str
    role: str
    arguments: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    lives: int = 0
    births: int = 0
    is_armed: bool = False
    pid: int | None = None

    @property
    def is_worker(self) -> bool:
        return self.role == "worker"


@dataclass(frozen=True, slots=True)
class End:
    """How a process ended: its code (negative: the signal), what it needed at most, and when, by `time.time()`."""

    slot: str
    code: int
    peak_kb: int
    at: float


class Fleet:
    """Workers and schedulers of the test build.

    `expected` holds the exit codes that are nobody's fault; a row that ends processes otherwise adds them. `armed` is
    the role of those who reach failpoints.
    """

    def __init__(self, nursery: Nursery, folder: Path, environment: Mapping[str, str], *, seed: str) -> None:
        self.ends: list[End] = []
        self.slots: list[Slot] = []
        self.failpoints = ""
        self.armed = "worker"
        self.expected = {KILLED, 0}
        self._nursery = nursery
        self._folder = folder
        self._environment = environment
        self._seed = seed
        self._random = Random(f"{seed}/fleet")  # noqa: S311 (a replayable fault needs no secrecy)
        self._name = f"fleet{next(NAMES)}"
        self._lock = threading.RLock()
        self._is_ending = False
        nursery.listeners[self._name] = self._on_news

    def add(self, role: str, *arguments: str, **environment: str) -> Slot:
        """One more process that is kept alive; arguments of a worker are its queues."""
        slot = Slot(f"{role}-{len(self.slots)}", role, arguments, environment)
        self.slots.append(slot)
        self._start(slot)
        return slot

    @property
    def workers(self) -> list[Slot]:
        return [slot for slot in self.slots if slot.is_worker]

    @property
    def schedulers(self) -> list[Slot]:
        return [slot for slot in self.slots if not slot.is_worker]

    @property
    def kills(self) -> int:
        """How many processes have died of SIGKILL."""
        return sum(end.code == KILLED for end in list(self.ends))

    @property
    def stops(self) -> list[End]:
        """Ends that nobody asked for: a crash, a worker ended by its watchdog, or a process that would not end."""
        return [end for end in list(self.ends) if end.code not in self.expected]

    @property
    def peak_kb(self) -> int:
        """What the hungriest process that has ended needed."""
        return max((end.peak_kb for end in list(self.ends)), default=0)

    def signal(self, number: signal.Signals, slot: Slot | None = None) -> Slot:
        """Send a signal to a process, or to a worker drawn by lot."""
        chosen = slot or self._random.choice(self.workers)
        with self._lock, suppress(ProcessLookupError):
            if chosen.pid is not None:
                os.kill(chosen.pid, number)
        return chosen

    def kill(self, slot: Slot | None = None) -> Slot:
        """SIGKILL."""
        return self.signal(signal.SIGKILL, slot)

    def disarm(self) -> None:
        """From now on nobody is armed: those who are, are killed and replaced."""
        self.failpoints = ""
        wait_until(self._kill_armed, "nobody is armed")

    def wait_for_kills(self, number: int) -> None:
        """Wait until so many have died."""
        wait_until(lambda: self.kills >= number, f"{number} kills", progress=lambda: self.kills)

    def wait_ready(self) -> None:
        """Wait until every slot's newest process has logged that it works."""
        wait_until(self._are_ready, "every process works")

    def wait_for_retries(self) -> None:
        """Wait until every retry has come: workers hold them in their memory until then, where no queue shows them."""
        for line in self.lines():
            if match := RETRY.search(str(line.get("message"))):
                due = datetime.fromisoformat(line["@timestamp"]).timestamp() + int(match[1]) / 1000 + RETRIED_S
                time.sleep(max(0.0, due - time.time()))

    def log_lines(self, action: str) -> list[dict[str, Any]]:
        """Log lines of an event, of all processes."""
        return [line for line in self.lines() if line.get("event.action") == action]

    def lines(self) -> Generator[dict[str, Any]]:
        """Every line that a process wrote whole."""
        for path in sorted(self._folder.glob("*.log")):
            for line in path.read_bytes().splitlines():
                with suppress(orjson.JSONDecodeError):
                    yield orjson.loads(line)

    def stop(self) -> None:
        """End everybody in good order; those who do not end in time are killed, and it counts as a stop."""
        self._is_ending = True
        asked: set[int | None] = {None}
        deadline = time.monotonic() + STOP_S
        while any(slot.pid or slot.births < slot.lives for slot in self.slots) and time.monotonic() < deadline:
            for slot in [slot for slot in self.slots if slot.pid not in asked]:
                asked.add(slot.pid)
                self.signal(signal.SIGCONT, slot)
                self.signal(signal.SIGTERM, slot)
            time.sleep(0.02)
        for slot in [slot for slot in self.slots if slot.pid]:
            self.ends.append(End(slot.name, UNWILLING, 0, time.time()))
            self.kill(slot)
        self._nursery.listeners.pop(self._name, None)

    def _kill_armed(self) -> bool:
        armed = [slot for slot in self.slots if slot.is_armed]
        for slot in armed:
            self.kill(slot)
        return not armed

    def _start(self, slot: Slot) -> None:
        slot.lives += 1
        slot.is_armed = slot.role == self.armed and bool(self.failpoints)
        seed = f"{self._seed}/{slot.name}/{slot.lives}"
        armed = {"FAILPOINTS": self.failpoints if slot.is_armed else "", "FAILPOINTS_SEED": seed}
        environment = {**self._environment, **armed, **slot.environment}
        log = self._folder / f"{slot.name}.log"
        self._nursery.fork(Birth(f"{self._name}/{slot.name}", slot.role, slot.arguments, environment, str(log)))

    def _on_news(self, news: News) -> None:
        slot = next(slot for slot in self.slots if slot.name == news.key.partition("/")[2])
        with self._lock:
            slot.pid = None if news.code is not None else news.pid
        if news.code is None:
            slot.births += 1
            return
        # A process that was asked to end before it could listen has ended well.
        code = 0 if self._is_ending and news.code == -signal.SIGTERM else news.code
        self.ends.append(End(slot.name, code, news.peak_kb, time.time()))
        if not self._is_ending:
            self._start(slot)

    def _are_ready(self) -> bool:
        assert self._nursery.is_alive, "the nursery has died"
        return all(self._is_ready(slot) for slot in self.slots)

    def _is_ready(self, slot: Slot) -> bool:
        log = self._folder / f"{slot.name}.log"
        return log.exists() and log.read_bytes().count(f'"{slot.role}.started"'.encode()) >= slot.lives


@contextmanager
def fleet_of(
    nursery: Nursery,
    folder: Path,
    environment: Mapping[str, str],
    *,
    workers: int,
    schedulers: int = 1,
    armed: str = "worker",
    failpoints: str,
    seed: str,
) -> Generator[Fleet]:
    """A fleet while the block runs; `armed` are those who reach failpoints."""
    fleet = Fleet(nursery, folder, environment, seed=seed)
    fleet.failpoints, fleet.armed = failpoints, armed
    try:
        for _ in range(schedulers):
            fleet.add("scheduler")
        for _ in range(workers):
            fleet.add("worker")
        yield fleet
    finally:
        fleet.stop()

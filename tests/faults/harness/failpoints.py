"""What an armed process does at the pipeline's boundaries.

A plan is read from one line: `sent:kill:0.01,stored:kill:after=1-20`. Each point is boundary, action, and options:
a bare number is the chance of each hit (1 if not given), `after=3` or `after=1-20` how many hits pass unharmed first
(a range is drawn anew by each process), `times=1` how often it acts (for ever if not given), `seconds=0.5` how long
`sleep` takes, `holding=MARK` acts only while this is in a delivery that the caller holds.
"""

import inspect
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, get_args

from worker.failpoint import Boundary

#: Not the pipeline's but Dramatiq's own: a retry is published, the nudge that failed is not yet acknowledged.
RETRIED = "retried"
BOUNDARIES: tuple[str, ...] = (*get_args(Boundary), RETRIED)
ACTIONS = ("kill", "raise", "sleep", "stop")


class FailpointError(Exception):
    """What the action `raise` raises: a fault that nobody foresaw."""


@dataclass(slots=True)
class Failpoint:
    """One point of a plan and how far it has come; `after` and `times` count hits and acts of this process."""

    boundary: str
    action: str
    chance: float = 1.0
    after: int = 0
    times: int | None = None
    seconds: float = 1.0
    holding: str = ""
    hits: int = 0
    acts: int = 0

    def is_due(self, random: Random) -> bool:
        """Count a hit and decide."""
        self.hits += 1
        if self.hits <= self.after or (self.times is not None and self.acts >= self.times):
            return False
        if random.random() >= self.chance:
            return False
        self.acts += 1
        return True


@dataclass(slots=True)
class Plan:
    """Every point of a process; threads share them."""

    points: list[Failpoint]
    random: Random
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, boundary: str) -> None:
        """Do what is due at this boundary."""
        with self.lock:
            due = [point for point in self.points if point.boundary == boundary and self._is_due(point)]
        for point in due:
            act(point)

    def _is_due(self, point: Failpoint) -> bool:
        return (not point.holding or is_held(point.holding)) and point.is_due(self.random)


def armed(line: str, *, seed: str) -> Callable[[str], None]:
    """The plan of a line, as `worker.failpoint.arm` takes it; ValueError for a line that cannot be read."""
    random = Random(seed)  # noqa: S311 (a replayable fault needs no secrecy)
    return Plan([read(text, random) for text in line.split(",")], random)


def read(text: str, random: Random) -> Failpoint:
    """One point of a plan."""
    boundary, action, *options = text.strip().split(":")
    if boundary not in BOUNDARIES or action not in ACTIONS:
        raise ValueError(f"{text}: write boundary:action, of {', '.join(BOUNDARIES)} and {', '.join(ACTIONS)}")
    point = Failpoint(boundary, action)
    for option in options:
        match option.partition("="):
            case ("after", _, given):
                point.after = drawn(given, random)
            case ("times", _, given):
                point.times = int(given)
            case ("seconds", _, given):
                point.seconds = float(given)
            case ("holding", _, given):
                point.holding = given
            case (given, "", _):
                point.chance = float(given)
            case _:
                raise ValueError(f"{text}: {option} is no option")
    return point


def drawn(given: str, random: Random) -> int:
    """A number, fixed or drawn from a range."""
    least, _, most = given.partition("-")
    return random.randint(int(least), int(most or least))


def act(point: Failpoint) -> None:
    """Do it; after `kill` there is nothing."""
    match point.action:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "sleep":
            time.sleep(point.seconds)
        case _:
            raise FailpointError(point.boundary)


def is_held(mark: str) -> bool:
    """Whether a delivery with this mark is in the hands of who reached the boundary."""
    # Boundaries carry no values, and need none in production: the callers' frames have them.
    frames = (item.frame.f_locals for item in inspect.stack(0))
    held: Sequence[Any] = next((names["deliveries"] for names in frames if "deliveries" in names), ())
    return any(mark.encode() in item.body for item in held)

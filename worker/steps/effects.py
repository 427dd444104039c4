"""What the steps tell whoever measures: small values, told after the commit that made them true."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

#: An event's name and its facts.
Alert = tuple[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Moved:
    """Rows of a lane that moved into a state."""

    lane: str
    state: str
    rows: int


@dataclass(frozen=True, slots=True)
class Waited:
    """How long a POST of a lane is to wait for its account's pace; 0 where it goes at once."""

    lane: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Departed:
    """A row's first POST, this long after its event was accepted; only of rows that waited for nothing but the pace."""

    lane: str
    after_s: float


@dataclass(frozen=True, slots=True)
class Posted:
    """A call of the provider, answered or not."""

    took_s: float


@dataclass(frozen=True, slots=True)
class Answered:
    """What one POST of an attempt came to: the class of its rows' outcomes, or `mixed`."""

    outcome: str


@dataclass(frozen=True, slots=True)
class Receipts:
    """Receipts that came by a way, `callback` or `poll`, and what they came to."""

    way: str
    outcome: str
    receipts: int


Measured = Moved | Waited | Departed | Posted | Answered | Receipts
Measure = Callable[[Iterable[Measured]], None]


def moved(counts: Mapping[tuple[str, str], int]) -> tuple[Moved, ...]:
    """Counts of rows by lane and state."""
    return tuple(Moved(lane, state, rows) for (lane, state), rows in counts.items() if rows)


def unmeasured(measured: Iterable[Measured]) -> None:
    """Nobody measures."""

"""What the steps report to metrics: small values, reported after the commit that made them true."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

#: An event's name and its facts.
Alert = tuple[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Moved:
    lane: str
    state: str
    rows: int


@dataclass(frozen=True, slots=True)
class Waited:
    """A POST's wait for its account's pace, in seconds; 0 where it goes at once."""

    lane: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Departed:
    """A row's first POST, this long after its event was accepted; only of rows that waited for nothing but the pace."""

    lane: str
    after_s: float


@dataclass(frozen=True, slots=True)
class Posted:
    took_s: float


@dataclass(frozen=True, slots=True)
class Answered:
    outcome: str


@dataclass(frozen=True, slots=True)
class Receipts:
    way: str
    outcome: str
    receipts: int


Measured = Moved | Waited | Departed | Posted | Answered | Receipts
Measure = Callable[[Iterable[Measured]], None]


def moved(counts: Mapping[tuple[str, str], int]) -> tuple[Moved, ...]:
    return tuple(Moved(lane, state, rows) for (lane, state), rows in counts.items() if rows)


def unmeasured(measured: Iterable[Measured]) -> None:
    """Measure nothing."""

"""What the steps report to metrics: small values, reported after the commit that made them true."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from worker.core.sending.nudge import NotificationId

REPEATED = "repeated"
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


@dataclass(frozen=True, slots=True)
class Accounted:
    """An event that was accepted, what it came to, and its texts; a repeat has come before."""

    account: str
    event: str
    type: str
    outcome: str
    texts: tuple[NotificationId, ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """A text that TurboSMS took, or that goes no further; `event` is the CRM's id of what it tells."""

    account: str
    trigger: str
    notification_id: NotificationId
    event: str | None
    state: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Buried:
    """A dead letter that was kept."""

    letter_kind: str
    reason: str
    account: str | None = None
    event: str | None = None
    type: str | None = None
    notification_id: NotificationId | None = None


Measured = Moved | Waited | Departed | Posted | Answered | Receipts
#: What is logged line by line.
Reported = Accounted | Ended | Buried
Effect = Measured | Reported
Measure = Callable[[Iterable[Effect]], None]


def moved(counts: Mapping[tuple[str, str], int]) -> tuple[Moved, ...]:
    return tuple(Moved(lane, state, rows) for (lane, state), rows in counts.items() if rows)


def unmeasured(measured: Iterable[Effect]) -> None:
    """Measure nothing."""

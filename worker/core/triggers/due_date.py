"""A document's last day, and the words that follow how far it is: ahead, today, or past."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from worker.core.clock.quiet_hours import moment
from worker.core.contract.facts import Facts, at, word
from worker.core.contract.fields import DAY, FAR, WHOLE, day_of_datetime


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a document, as an event speaks of it.

    Attributes:
        left: days until it: 0 on the day, negative once it is past.
    """

    day: date
    left: int

    @property
    def stage(self) -> str:
        """Which of the three things may be said of it."""
        if self.left > 0:
            return "valid_till"
        return "last_day" if self.left == 0 else "expired"


def deadline(facts: Facts, path: str, *, today: date) -> Deadline | None:
    """The last day at this path; `days_left` beside it, counted from today, wins: a day that disagrees is stale."""
    left = whole(at(facts, f"{path.rpartition('.')[0]}.days_left"))
    if left is not None and abs(left) <= FAR:
        return Deadline(today + timedelta(days=left), left)
    day = day_at(facts, path)
    return Deadline(day, (day - today).days) if day else None


def whole(value: object) -> int | None:
    """A whole number, however JSON has it, or None."""
    text = word(value)
    return int(text) if WHOLE.fullmatch(text) else None


def day_at(facts: Facts, path: str) -> date | None:
    """An ISO date at a path, of a date and time its day, or None."""
    text = day_of_datetime(word(at(facts, path)))
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None


def end_of(day: date, *, zone: str) -> datetime:
    """The moment when a day is over in this zone (UTC)."""
    return moment(datetime.combine(day, datetime.min.time()) + timedelta(days=1), zone=zone)

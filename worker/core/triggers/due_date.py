"""A document's last day, and the words that follow how far it is: ahead, today, or past."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from worker.core.clock.quiet_hours import moment
from worker.core.contract.attributes import Field
from worker.core.contract.data import Document, Record
from worker.core.contract.fields import FAR


@dataclass(frozen=True, slots=True)
class Deadline:
    day: date
    left: int

    @property
    def stage(self) -> str:
        if self.left > 0:
            return "valid_till"
        return "last_day" if self.left == 0 else "expired"


def deadline(record: Record, last_day: Field[date | None], *, today: date) -> Deadline | None:
    """The last day of a document; `days_left`, counted from today, wins: a day that disagrees is stale."""
    left = Document.days_left.of(record)
    if left is not None and abs(left) <= FAR:
        return Deadline(today + timedelta(days=left), left)
    day = last_day.of(record)
    return Deadline(day, (day - today).days) if day else None


def end_of(day: date, *, zone: str) -> datetime:
    return moment(datetime.combine(day, datetime.min.time()) + timedelta(days=1), zone=zone)

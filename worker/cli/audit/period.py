"""A moment as people type it: `7d` ago, a day, or a day and an hour, in the zone that is asked about."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import typer

from worker.core.clock.durations import DURATION, duration


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of some zone, or so long ago."""

    local: datetime | None
    ago: timedelta

    def at(self, zone: ZoneInfo, now: datetime) -> datetime:
        if self.local is None:
            return now - self.ago
        return self.local if self.local.tzinfo else self.local.replace(tzinfo=zone)


def moment(text: str) -> Moment:
    if DURATION.fullmatch(text.strip()):
        return Moment(None, duration(text))
    try:
        return Moment(datetime.fromisoformat(text.strip()), timedelta())
    except ValueError:
        raise typer.BadParameter(f"{text} is no moment: write 7d, 2026-11-28 or 2026-11-28T09:30") from None

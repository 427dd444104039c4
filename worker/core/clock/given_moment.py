"""Moments as people write them on a command line, in the zone that they think in."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

from worker.core.clock.durations import DURATION, duration
from worker.language import _, marked

DAY = timedelta(days=1)
#: Days by name, and how far from today they are.
NAMED = {"today": 0, "yesterday": -1, "сьогодні": 0, "вчора": -1}
DAY_GIVEN = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
TIME_GIVEN = re.compile(r"\d{4}-\d{2}-\d{2}[ tT]\d{2}:\d{2}\S*", re.ASCII)
FORMS = marked("write it as 2026-11-24, 2026-11-24 10:00, yesterday, or as 2h or 3d for so long ago")


def first_moment(text: str, *, zone: tzinfo, now: datetime) -> datetime:
    """Parse since when: a day begins at its midnight, `3d` is so long ago.

    Raises:
        ValueError: it is none of the forms.
    """
    day = day_of(text, zone=zone, now=now)
    return moment_of(text, zone=zone, now=now) if day is None else midnight(day, zone)


def last_moment(text: str, *, zone: tzinfo, now: datetime) -> datetime:
    """Parse until when: a day is over with its last minute.

    Raises:
        ValueError: it is none of the forms.
    """
    day = day_of(text, zone=zone, now=now)
    return moment_of(text, zone=zone, now=now) if day is None else midnight(day + DAY, zone)


def day_of(text: str, *, zone: tzinfo, now: datetime) -> date | None:
    name = text.strip().lower()
    if name in NAMED:
        return now.astimezone(zone).date() + NAMED[name] * DAY
    try:
        return date.fromisoformat(name) if DAY_GIVEN.fullmatch(name) else None
    except ValueError:
        return None


def midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def moment_of(text: str, *, zone: tzinfo, now: datetime) -> datetime:
    if DURATION.fullmatch(text.strip()):
        return now - duration(text)
    try:
        given = datetime.fromisoformat(text.strip()) if TIME_GIVEN.fullmatch(text.strip()) else None
        if given:
            return (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError(_("{text} is no moment: {forms}", text=text, forms=_(FORMS)))

"""Moments as people write them on a command line, in the zone that they think in."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from worker.core.clock.durations import DURATION, duration
from worker.core.clock.quiet_hours import moment
from worker.language import _, marked

DAY = timedelta(days=1)
#: Days by name, and how far from today they are.
NAMED = {"today": 0, "yesterday": -1, "сьогодні": 0, "вчора": -1}
DAY_GIVEN = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
TIME_GIVEN = re.compile(r"\d{4}-\d{2}-\d{2}[ tT]\d{2}:\d{2}\S*", re.ASCII)
FORMS = marked("write it as 2026-11-24, 2026-11-24 10:00, yesterday, or as 2h or 3d for so long ago")


def first_moment(text: str, *, zone: ZoneInfo, now: datetime) -> datetime:
    """Parse since when: a day begins at its midnight, `3d` is so long ago.

    Raises:
        ValueError: it is none of the forms.
    """
    return given_moment(text.strip(), zone=zone, now=now, days=0)


def last_moment(text: str, *, zone: ZoneInfo, now: datetime) -> datetime:
    """Parse until when: a day is over with its last minute.

    Raises:
        ValueError: it is none of the forms.
    """
    return given_moment(text.strip(), zone=zone, now=now, days=1)


def given_moment(text: str, *, zone: ZoneInfo, now: datetime, days: int) -> datetime:
    """Parse a moment; of a day the midnight that comes so many days after its first one."""
    if DURATION.fullmatch(text):
        return now - duration(text)
    day = day_of(text, zone=zone, now=now)
    at = exact_moment(text, zone=zone) if day is None else midnight(day, zone=zone, days=days)
    if at is None:
        raise ValueError(_("{text} is no moment: {forms}", text=text, forms=_(FORMS)))
    return at


def day_of(text: str, *, zone: ZoneInfo, now: datetime) -> date | None:
    name = text.lower()
    if name in NAMED:
        return now.astimezone(zone).date() + NAMED[name] * DAY
    try:
        return date.fromisoformat(name) if DAY_GIVEN.fullmatch(name) else None
    except ValueError:
        return None


def midnight(day: date, *, zone: ZoneInfo, days: int) -> datetime | None:
    """The first moment of a day, or of one so many days later; None at either end of the calendar."""
    try:
        return moment(datetime.combine(day, time.min) + days * DAY, zone=zone.key)
    except OverflowError:
        return None


def exact_moment(text: str, *, zone: ZoneInfo) -> datetime | None:
    """Parse `2026-11-24 10:00`, in the zone unless it has an offset of its own; None where it is none."""
    if not TIME_GIVEN.fullmatch(text):
        return None
    try:
        given = datetime.fromisoformat(text.upper())
        return given.astimezone(UTC) if given.tzinfo else moment(given, zone=zone.key)
    except (ValueError, OverflowError):
        return None

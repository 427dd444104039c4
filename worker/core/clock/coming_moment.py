"""A moment that lies ahead, as people write it on a command line, in the zone that they think in."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from worker.core.clock.durations import DURATION, duration
from worker.core.clock.given_moment import DAY, TIME_GIVEN
from worker.core.clock.quiet_hours import moment
from worker.language import _, marked

NAMED = {"today": 0, "tomorrow": 1, "сьогодні": 0, "завтра": 1}
HOUR = re.compile(r"(?:(?P<day>\w+)\s+)?(?P<hour>\d{1,2}):(?P<minute>\d{2})")
FORMS = marked("write it as 09:00, tomorrow 09:00, 2026-12-01 09:00, or as 30m, 2h or 3d from now")


def coming_moment(text: str, *, zone: ZoneInfo, now: datetime) -> datetime:
    """Parse when: `09:00` is the next one, `2h` is from now on.

    Raises:
        ValueError: it is none of the forms, or it is past.
    """
    given = text.strip().lower()
    if DURATION.fullmatch(given):
        return now + duration(given)
    moment = of_hour(given, zone=zone, now=now) if HOUR.fullmatch(given) else of_day(given, zone=zone)
    if moment is None:
        raise ValueError(_("{text} is no moment: {forms}", text=text, forms=_(FORMS)))
    if moment <= now:
        raise ValueError(_("{text} is past: it must lie ahead", text=text))
    return moment


def of_hour(text: str, *, zone: ZoneInfo, now: datetime) -> datetime | None:
    match = HOUR.fullmatch(text)
    if match is None or (match["day"] and match["day"] not in NAMED):
        return None
    hour, minute = int(match["hour"]), int(match["minute"])
    if hour > 23 or minute > 59:  # noqa: PLR2004 (a day's)
        return None
    midnight = datetime.combine(now.astimezone(zone).date(), datetime.min.time())
    local = midnight + timedelta(days=NAMED.get(match["day"] or "", 0), hours=hour, minutes=minute)
    at = moment(local, zone=zone.key)
    return at if at > now or match["day"] else moment(local + DAY, zone=zone.key)


def of_day(text: str, *, zone: ZoneInfo) -> datetime | None:
    try:
        given = datetime.fromisoformat(text.upper()) if TIME_GIVEN.fullmatch(text) else None
        if given is None:
            return None
        return given.astimezone(UTC) if given.tzinfo else moment(given, zone=zone.key)
    except (ValueError, OverflowError):
        return None

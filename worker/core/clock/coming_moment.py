"""A moment that lies ahead, as people write it on a command line, in the zone that they think in."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from worker.core.clock.durations import DURATION, duration
from worker.core.clock.given_moment import DAY, exact_moment
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
    hour = HOUR.fullmatch(given)
    at = of_hour(hour, zone=zone, now=now) if hour else exact_moment(given, zone=zone)
    if at is None:
        raise ValueError(_("{text} is no moment: {forms}", text=text, forms=_(FORMS)))
    if at <= now:
        raise ValueError(_("{text} is past: it must lie ahead", text=text))
    return at


def of_hour(match: re.Match[str], *, zone: ZoneInfo, now: datetime) -> datetime | None:
    if match["day"] and match["day"] not in NAMED:
        return None
    hour, minute = int(match["hour"]), int(match["minute"])
    if hour > 23 or minute > 59:  # noqa: PLR2004 (a day's)
        return None
    midnight = datetime.combine(now.astimezone(zone).date(), datetime.min.time())
    local = midnight + timedelta(days=NAMED.get(match["day"] or "", 0), hours=hour, minutes=minute)
    at = moment(local, zone=zone.key)
    return at if at > now or match["day"] else moment(local + DAY, zone=zone.key)

"""The hours in which a person may be disturbed, in that person's zone, across clock changes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Window:
    """Minutes after local midnight between which people may be disturbed; 0 to 1440 is always."""

    opens: int
    closes: int


#: Today's opening may be over and tomorrow's fall into a gap of the clocks; the day after it comes for certain.
LOOK_AHEAD_DAYS = 3
#: Long enough for a reminder to go out before the window closes.
LAST_MINUTES = 30
MINUTE = timedelta(minutes=1)
ALWAYS = Window(0, 24 * 60)
#: Files that lie beside the zones: the server's own clock, none at all, and clocks that count leap seconds.
NO_ZONE = re.compile(r"localtime|posixrules|Factory|(posix|right)/.*", re.DOTALL)


def opening(window: Window, *, zone: str, now: datetime) -> datetime:
    """`now` inside the window, else the moment when it opens next (UTC)."""
    if window == ALWAYS:
        return now
    if is_open(window, zone=zone, at=now):
        return now
    moments = openings(window, zone=zone, now=now)
    return next(moment for moment in moments if moment > now and is_open(window, zone=zone, at=moment))


def is_open(window: Window, *, zone: str, at: datetime) -> bool:
    local = at.astimezone(zone_of(zone))
    return window.opens <= local.hour * 60 + local.minute < window.closes


def openings(window: Window, *, zone: str, now: datetime) -> Iterator[datetime]:
    """When the window may open, from today on: twice where clocks go back over it, perhaps never where they go on."""
    today = datetime.combine(now.astimezone(zone_of(zone)).date(), datetime.min.time())
    for days in range(LOOK_AHEAD_DAYS):
        opens = today + timedelta(days=days) + window.opens * MINUTE
        yield moment(opens, zone=zone)
        yield opens.replace(tzinfo=zone_of(zone), fold=1).astimezone(UTC)


def last_open(window: Window, *, zone: str, before: datetime) -> datetime:
    """A moment half an hour before the window closed last before a moment outside of it (UTC)."""
    today = datetime.combine(before.astimezone(zone_of(zone)).date(), datetime.min.time())
    minutes = max(window.opens, window.closes - LAST_MINUTES)
    moments = (moment(today - timedelta(days=days) + minutes * MINUTE, zone=zone) for days in range(LOOK_AHEAD_DAYS))
    return next(at for at in moments if at < before)


@lru_cache(maxsize=4096)
def moment(local: datetime, *, zone: str) -> datetime:
    """The UTC moment of a local time: the first of two where clocks go back, the first after a gap."""
    zone_info = zone_of(zone)
    early, late = (local.replace(tzinfo=zone_info, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early.astimezone(zone_info).replace(tzinfo=None) == local:
        return early
    low, high = late, early
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        before = middle.astimezone(zone_info).utcoffset() == low.astimezone(zone_info).utcoffset()
        low, high = (middle, high) if before else (low, middle)
    return high.replace(microsecond=0)


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """An IANA zone; a name that nobody knows is Kyiv."""
    return ZoneInfo(known_zone(name) or "Europe/Kyiv")


@lru_cache(maxsize=1024)
def known_zone(name: str) -> str | None:
    if NO_ZONE.fullmatch(name):
        return None
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        return None

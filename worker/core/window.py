"""The hours in which a person may be disturbed, in that person's zone, across clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from worker.core.account import Window

MINUTE = timedelta(minutes=1)
ALWAYS = Window(0, 24 * 60)


def opening(window: Window, *, zone: str, now: datetime) -> datetime:
    """`now` inside the window, else the moment when it opens next (UTC)."""
    if window == ALWAYS:
        return now
    local = now.astimezone(zone_of(zone))
    minute = local.hour * 60 + local.minute
    if window.opens <= minute < window.closes:
        return now
    midnight = datetime.combine(local.date(), datetime.min.time())
    days = 0 if minute < window.opens else 1
    return moment(midnight + timedelta(days=days) + window.opens * MINUTE, zone=zone)


def moment(local: datetime, *, zone: str) -> datetime:
    """The UTC moment of a local time: the first of two where clocks go back, the first after a gap."""
    place = zone_of(zone)
    early, late = (local.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early.astimezone(place).replace(tzinfo=None) == local:
        return early
    low, high = late, early
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        before = middle.astimezone(place).utcoffset() == low.astimezone(place).utcoffset()
        low, high = (middle, high) if before else (low, middle)
    return high.replace(microsecond=0)


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """An IANA zone; a name that nobody knows is Kyiv."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("Europe/Kyiv")

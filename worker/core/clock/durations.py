"""Durations as people write them: `90s`, `10m`, `24h`, `7d`, and `0` for none."""

import re
from datetime import timedelta

from worker.language import _

DURATION = re.compile(r"(\d{1,9})\s*([smhd])")
UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
LONGEST = timedelta(days=366)


def duration(text: str) -> timedelta:
    """Parse `24h`.

    Raises:
        ValueError: it is no duration, or longer than a year.
    """
    if text.strip() == "0":
        return timedelta()
    match = DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(_("{text} is no duration: write it as 90s, 10m, 24h or 7d, or 0 for none", text=text))
    span = int(match[1]) * UNITS[match[2]]
    if span > LONGEST:
        raise ValueError(_("{text} is longer than a year", text=text))
    return span


def format_duration(span: timedelta) -> str:
    """Format a duration in the largest unit that it is a whole number of; one day is 24h."""
    if not span:
        return "0"
    for unit, each in (("d", UNITS["d"]), ("h", UNITS["h"]), ("m", UNITS["m"])):
        count, rest = divmod(span, each)
        if not rest and (unit != "d" or count > 1):
            return f"{count}{unit}"
    return f"{span.total_seconds():g}s"

"""Durations as people write them: `90s`, `10m`, `24h`, `7d`, and `0` for none."""

from __future__ import annotations

import re
from datetime import timedelta

import typer

DURATION = re.compile(r"(\d{1,9})\s*([smhd])")
UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
LONGEST = timedelta(days=366)


def duration(text: str) -> timedelta:
    """`24h` as a span of time.

    Raises:
        typer.BadParameter: it is none, or longer than a year.
    """
    if text.strip() == "0":
        return timedelta()
    found = DURATION.fullmatch(text.strip())
    if found is None:
        raise typer.BadParameter(f"{text} is no duration: write it as 90s, 10m, 24h or 7d, or 0 for none")
    span = int(found[1]) * UNITS[found[2]]
    if span > LONGEST:
        raise typer.BadParameter(f"{text} is longer than a year")
    return span


def duration_words(span: timedelta) -> str:
    """The same the other way round, in the largest unit that it is a whole number of; one day is 24h."""
    if not span:
        return "0"
    for unit, each in (("d", UNITS["d"]), ("h", UNITS["h"]), ("m", UNITS["m"])):
        count, rest = divmod(span, each)
        if not rest and (unit != "d" or count > 1):
            return f"{count}{unit}"
    return f"{span.total_seconds():g}s"

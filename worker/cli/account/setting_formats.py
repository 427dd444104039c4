"""An account's settings between people's words and ours."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from typing import Annotated
from zoneinfo import available_timezones

import typer

from worker.cli.terminal import as_parameter
from worker.core.clock.durations import duration
from worker.core.clock.quiet_hours import Window
from worker.core.texts.shortcodes import SHORTCODES
from worker.core.triggers.catalogue import TRIGGERS

Id = Annotated[
    str, typer.Argument(metavar="ID", help="a-z, 0-9 and -, at most 40: the first word of its routing keys.")
]
HOURS = re.compile(r"(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)")
DAY_MINUTES = 24 * 60
#: TurboSMS refuses the same message for 90 s; a key that is forgotten sooner is none.
KEY_LIFE_MIN = timedelta(minutes=2)
#: What went to whom is remembered for so long.
SAME_TEXT_MAX = timedelta(days=14)
#: Slower is a pause, faster is no limit.
RATE_MIN, RATE_MAX = 0.01, 10_000.0
NO_LIMIT = "none"
NO_VIBER = "none"
NOTHING = "none"
CODE = re.compile("[a-z][a-z0-9_]{0,99}")


def is_id(text: str) -> bool:
    """Whether it can be one word of a routing key."""
    return 0 < len(text) <= 40 and set(text) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")  # noqa: PLR2004 (as the schema)


def hours(text: str) -> Window:
    """`9:00-20:00` as a window.

    Raises:
        typer.BadParameter: it is not within one day.
    """
    found = HOURS.fullmatch(text.strip())
    if found:
        from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
        opens, closes = from_hour * 60 + from_minute, to_hour * 60 + to_minute
        if opens < closes <= DAY_MINUTES and max(from_minute, to_minute) < 60:  # noqa: PLR2004 (minutes)
            return Window(opens, closes)
    raise typer.BadParameter("write them as 9:00-20:00, within one day", param_hint="--hours")


def hours_words(opens: int, closes: int) -> str:
    """Minutes after midnight as people write them."""
    return f"{opens // 60}:{opens % 60:02}-{closes // 60}:{closes % 60:02}"


def zone_known(name: str) -> str:
    """An IANA zone.

    Raises:
        typer.BadParameter: nobody knows it.
    """
    if name not in available_timezones():
        raise typer.BadParameter("is not an IANA time zone, such as Europe/Kyiv")
    return name


def locale_known(name: str) -> str:
    """A language that the default texts have.

    Raises:
        typer.BadParameter: they have it not.
    """
    known = sorted({locale for trigger in TRIGGERS for locale in trigger.texts})
    if name not in known:
        raise typer.BadParameter(f"default texts are there in {', '.join(known)}")
    return name


def named(text: str) -> str:
    """A name that somebody can read.

    Raises:
        typer.BadParameter: it is blank.
    """
    if not text.strip():
        raise typer.BadParameter("must not be blank")
    return text.strip()


def key_life(text: str) -> timedelta:
    """How long the provider is trusted to remember a key.

    Raises:
        typer.BadParameter: it is shorter than the provider's memory for the same message, or no duration.
    """
    found = as_parameter(duration)(text)
    if found < KEY_LIFE_MIN:
        raise typer.BadParameter(
            f"{text} is too short: TurboSMS refuses the same message for 90 s, so give 2m or more, such as 24h"
        )
    return found


def same_text(text: str) -> timedelta:
    """How long the same text does not go to the same person again.

    Raises:
        typer.BadParameter: nobody remembers texts for so long, or it is no duration.
    """
    found = as_parameter(duration)(text)
    if found > SAME_TEXT_MAX:
        raise typer.BadParameter(f"{text} is too long: texts are remembered for 14d; 0 is no limit")
    return found


def rate(text: str) -> float:
    """So many a second.

    Raises:
        typer.BadParameter: it is no such number.
    """
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not RATE_MIN <= found <= RATE_MAX:
        raise typer.BadParameter(f"{text} is no number from {RATE_MIN:g} to {RATE_MAX:g} (a second), such as 10 or 0.5")
    return found


def rate_or_none(text: str) -> float | str:
    """So many a second, or `none`: no limit.

    Raises:
        typer.BadParameter: it is neither.
    """
    return NO_LIMIT if text == NO_LIMIT else rate(text)


def codes(text: str) -> list[str]:
    """Shortcodes that an account has of its own, or `none`.

    Raises:
        typer.BadParameter: one of them cannot be written in a text, or is in the catalogue.
    """
    found = [] if text.strip() == NOTHING else [one.strip(" {}") for one in text.split(",")]
    for one in found:
        if not CODE.fullmatch(one):
            raise typer.BadParameter(f"{one or 'a blank'} is no shortcode: use a-z, 0-9 and _, as customers_kod")
        if one in SHORTCODES:
            raise typer.BadParameter(f"{one} is in the catalogue already")
    return list(dict.fromkeys(found))

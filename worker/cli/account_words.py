"""An account's settings between people's words and ours."""

from __future__ import annotations

import math
import os
import re
import shlex
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Annotated
from urllib.parse import unquote, urlsplit
from zoneinfo import available_timezones

import typer

from worker.cli.durations import duration, duration_words
from worker.cli.pause_words import as_json_of as pause_as_json
from worker.cli.pause_words import paused_words
from worker.core.account import Window
from worker.core.catalogue import TRIGGERS
from worker.core.shortcode import SHORTCODES
from worker.settings import AMQP
from worker.store.account_settings import AccountSettings
from worker.store.accounts import Listed

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
PRICE = re.compile(r"\d{1,4}(?:[.,]\d{1,4})?", re.ASCII)


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
    found = duration(text)
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
    found = duration(text)
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


def price_or_none(text: str) -> Decimal | str:
    """What a segment costs in hryvnias, or `none`.

    Raises:
        typer.BadParameter: it is neither.
    """
    if text == NOTHING:
        return NOTHING
    if not PRICE.fullmatch(text):
        raise typer.BadParameter(f"{text} is no price in hryvnias: write it as 0.95, or none")
    return Decimal(text.replace(",", "."))


def price_words(price: Decimal) -> str:
    """`0.95`, and no more figures than it needs."""
    return f"{price.normalize():f}"


def options_of(settings: AccountSettings) -> dict[str, str]:
    """Settings as `account set` takes them, option by option."""
    return {
        "--name": settings.name,
        "--sender": settings.sms_sender,
        "--zone": settings.zone,
        "--locale": settings.locale,
        "--hours": hours_words(settings.window_opens, settings.window_closes),
        "--post-mode": settings.post_mode,
        "--multi-max": str(settings.multi_max),
        "--rate": f"{settings.requests_per_s:g}",
        "--segment-rate": NO_LIMIT if settings.segments_per_s is None else f"{settings.segments_per_s:g}",
        "--in-flight": str(settings.in_flight),
        "--key-life": duration_words(settings.key_life),
        "--person-hour": str(settings.person_hour_max),
        "--person-day": str(settings.person_day_max),
        "--same-text": duration_words(settings.same_text),
        "--brake-from": str(settings.brake_from),
        "--viber-sender": settings.viber_sender or NO_VIBER,
        "--viber-instead": "on" if settings.viber_instead else "off",
        "--viber-reach-days": str(settings.viber_reach_days),
        "--custom-shortcodes": ",".join(settings.custom_shortcodes) or NOTHING,
        "--plain-punctuation": "on" if settings.plain_punctuation else "off",
        "--transliterate": "on" if settings.transliterate else "off",
        "--segment-price": NOTHING if settings.segment_price is None else price_words(settings.segment_price),
    }


def sheet_of(account: Listed) -> dict[str, object]:
    """An account as it is shown."""
    row = asdict(account.settings)
    opens, closes = row.pop("window_opens"), row.pop("window_closes")
    durations = {name: duration_words(row[name]) for name in ("key_life", "same_text")}
    return {
        "id": account.id,
        **row,
        **durations,
        "segment_price": row["segment_price"] and price_words(row["segment_price"]),
        "hours": hours_words(opens, closes),
        "created_at": account.created_at,
        "triggers_on": account.triggers_on,
        "paused": paused_words(account.stopped),
    }


def as_json_of(account: Listed) -> dict[str, object]:
    """The same for a program, with everything that stands still."""
    return {**sheet_of(account), "stands_still": [pause_as_json(one) for one in account.stopped]}


def fence(account: str) -> list[str]:
    """The commands that let a RabbitMQ user publish this account's events and nothing else.

    Topic permissions: https://www.rabbitmq.com/docs/access-control#topic-authorisation. The user may not declare the
    exchange: a CRM that does must stop doing so, or declare it passively.
    """
    vhost = shlex.quote(unquote(urlsplit(os.environ.get(AMQP, "")).path[1:]) or "/")
    user = f"crm-{account}"
    return [
        f"rabbitmqctl add_user {user}",
        f"rabbitmqctl set_permissions -p {vhost} {user} '^$' '^crm\\.events$' '^$'",
        f"rabbitmqctl set_topic_permissions -p {vhost} {user} crm.events '^{account}\\..*' '^$'",
    ]

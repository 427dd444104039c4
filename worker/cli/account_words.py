"""An account's settings between people's words and ours."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import asdict
from urllib.parse import unquote, urlsplit
from zoneinfo import available_timezones

import typer

from worker.core.account import Window
from worker.core.catalogue import TRIGGERS
from worker.settings import AMQP
from worker.store.accounts import Listed

HOURS = re.compile(r"(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)")
DAY_MINUTES = 24 * 60


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


def sheet_of(account: Listed) -> dict[str, object]:
    """An account as it is shown."""
    row = asdict(account)
    opens, closes = row.pop("window_opens"), row.pop("window_closes")
    return {**row, "hours": hours_words(opens, closes)}


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

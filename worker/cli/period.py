"""From when to when: options that several commands have, read in the zone of the account that is asked about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from worker.cli.terminal import Exit, stop
from worker.core.clock.given_moment import first_moment, last_moment
from worker.core.clock.kyiv_time import KYIV
from worker.core.clock.quiet_hours import zone_of as zone_named
from worker.language import _
from worker.store.accounts import account_settings
from worker.store.db.postgres import Connection, clock

Since = Annotated[
    str | None, typer.Option(metavar="WHEN", help="As 2d (ago), yesterday, 2026-11-24 or '2026-11-24 09:30'.")
]
Until = Annotated[str | None, typer.Option(metavar="WHEN", help="Written the same way; a day with all its hours.")]


@dataclass(frozen=True, slots=True)
class Period:
    """From when to when, read in this zone."""

    since: datetime | None
    until: datetime | None
    zone: ZoneInfo


def zone_of(connection: Connection, account: str | None) -> ZoneInfo:
    """The zone of an account; of none, or of one that is not there, Kyiv's."""
    settings = account_settings.read(connection, account) if account else None
    return zone_named(settings.zone) if settings else KYIV


def period(connection: Connection, account: str | None, since: str | None, until: str | None) -> Period:
    """The period that is meant; the end of the command where there is none."""
    zone, now = zone_of(connection, account), clock(connection)
    try:
        first = None if since is None else first_moment(since, zone=zone, now=now)
        last = None if until is None else last_moment(until, zone=zone, now=now)
    except ValueError as error:
        raise stop(f"--since, --until: {error}.", Exit.USAGE) from None
    if first and last and first >= last:
        raise stop(_("--since {since} is after --until {until}.", since=since, until=until), Exit.USAGE)
    return Period(first, last, zone)

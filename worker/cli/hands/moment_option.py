"""A moment that lies ahead, as an option of a command, in the zone of the account that it is about."""

from datetime import datetime
from zoneinfo import ZoneInfo

from worker.cli.terminal import Exit, stop
from worker.core.clock.coming_moment import coming_moment
from worker.core.clock.kyiv_time import KYIV
from worker.core.clock.quiet_hours import zone_of
from worker.store.accounts import account_settings
from worker.store.db.postgres import Connection, clock


def zone_of_account(connection: Connection, account: str | None) -> ZoneInfo:
    """The zone in which a command about an account is read and answered; of every account, Kyiv's."""
    settings = account_settings.read(connection, account) if account else None
    return zone_of(settings.zone) if settings else KYIV


def moment_ahead(connection: Connection, text: str | None, account: str | None, *, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        return coming_moment(text, zone=zone_of_account(connection, account), now=clock(connection))
    except ValueError as error:
        raise stop(f"{option}: {error}.", Exit.USAGE) from None

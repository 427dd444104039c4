"""A moment that lies ahead, as an option of a command, in the zone of the account that it is about."""

from datetime import datetime

from worker.cli.period import zone_of
from worker.cli.terminal import Exit, stop
from worker.core.clock.coming_moment import coming_moment
from worker.store.db.postgres import Connection, clock


def moment_ahead(connection: Connection, text: str | None, account: str | None, *, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        return coming_moment(text, zone=zone_of(connection, account), now=clock(connection))
    except ValueError as error:
        raise stop(f"{option}: {error}.", Exit.USAGE) from None

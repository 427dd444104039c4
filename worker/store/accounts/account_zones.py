"""The time zone of each account."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from worker.core.clock.quiet_hours import zone_of
from worker.store.db.postgres import Connection

ZONES = "SELECT id, zone FROM accounts"


def account_zones(connection: Connection) -> Mapping[str, ZoneInfo]:
    return {account: zone_of(zone) for account, zone in connection.execute(ZONES)}

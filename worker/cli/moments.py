"""Moments as people read them: in the zone of the account that they belong to, which is named; with --utc in UTC."""

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime, tzinfo

#: As worker/store/accounts/account_zones.py reads them.
ZonesOfAccounts = Mapping[str, tzinfo]
#: One zone for all that is shown, or each account's.
Zones = tzinfo | ZonesOfAccounts

wants_utc: ContextVar[bool] = ContextVar("wants_utc", default=False)


def shown(moment: datetime, zone: tzinfo | None = None) -> str:
    """`2026-12-01 11:00:05 Europe/Kyiv`."""
    local = localized(moment, zone)
    return f"{without_zone(local)} {zone_name(local)}"


def localized(moment: datetime, zones: Zones | None, account: object = None) -> datetime:
    """The moment in the zone of an account, in UTC where it has none or that is asked for; in its own without zones."""
    if wants_utc.get():
        return moment.astimezone(UTC)
    if zones is None:
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(zones if isinstance(zones, tzinfo) else zones.get(str(account), UTC))


def without_zone(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def zone_name(moment: datetime) -> str:
    name = str(moment.tzinfo or UTC)
    return "UTC" if name == "Etc/UTC" else name

"""TurboSMS writes times as Kyiv's clocks show them, without an offset."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

KYIV = ZoneInfo("Europe/Kyiv")


def moment_of(local: datetime | None, *, since: datetime, now: datetime) -> datetime | None:
    """The moment that a Kyiv clock's time means for a message that was taken at `since`.

    In the hour that autumn repeats it is the first one that is possible. Nothing happens to a message before it was
    taken or after now: where clocks differ, the nearest of both is meant.
    """
    if local is None:
        return None
    if local.tzinfo is not None:
        return min(max(local.astimezone(UTC), since), now)
    both = [local.replace(tzinfo=KYIV, fold=fold).astimezone(UTC) for fold in (0, 1)]
    possible = [moment for moment in both if since <= moment <= now]
    return min(possible) if possible else max(since, min(now, both[0] if both[0] > now else both[1]))

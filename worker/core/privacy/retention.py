"""How long each kind of data is kept, unless an operator says otherwise, and why not less."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from worker.core.clock.months import month_of
from worker.language import _, marked

DAYS_MAX = 3_650


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of data; the database refuses fewer days than `least`."""

    name: str
    what: str
    days: int
    least: int


KINDS = (
    Kind("bodies", marked("bodies of events and of reminders, with what a CRM said of people"), 90, 7),
    Kind("texts", marked("texts and phones of finished notifications"), 365, 30),
    Kind("history", marked("events, notifications and what became of them, without text and phone"), 1095, 60),
    Kind("keys", marked("hashes by which nothing is announced twice, callbacks, the calendar's past"), 396, 60),
    Kind("letters", marked("dead letters, once they are closed"), 90, 7),
    Kind("audit", marked("who changed, did or looked at what"), 1825, 365),
)
BY_NAME = {kind.name: kind for kind in KINDS}
DEFAULTS: Mapping[str, int] = {kind.name: kind.days for kind in KINDS}


def kept_since(now: datetime, days: Mapping[str, int]) -> dict[str, datetime]:
    """Since when data of each kind is kept; history and keys go by whole months."""
    since = {name: now - timedelta(days=count) for name, count in days.items()}
    whole = {name: midnight(month_of(since[name])) for name in ("history", "keys")}
    return {**since, **whole}


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def refusal_of(kind: Kind, days: int, others: Mapping[str, int]) -> str | None:
    """Why data cannot be kept for so long."""
    if not kind.least <= days <= DAYS_MAX:
        return _("{kind} are kept for {least} to {most} days", kind=kind.name, least=kind.least, most=DAYS_MAX)
    planned = {**others, kind.name: days}
    if planned["texts"] > planned["history"] or planned["bodies"] > planned["history"]:
        days_kept = planned["history"]
        return _("bodies and texts go with their history, which is kept for {days} days", days=days_kept)
    if kind.name in {"history", "keys"} and planned["keys"] > planned["history"]:
        days_kept = planned["keys" if kind.name == "history" else "history"]
        return _(
            "what keys know is answered from history: keep history for as long as keys ({days} days)", days=days_kept
        )
    return None

"""Entries of the calendar and rules of an account, each believable and each field changeable."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from tests.core.examples import NOW, account, happened
from worker.core.accounts.account import Account, Timing
from worker.core.contract.data import Data
from worker.core.contract.event import Event
from worker.core.reminders.calendar_entry import DATED, Entry, entry_of
from worker.core.reminders.schedule import DEFAULTS, Due, ReminderRule, next_due, rules_of
from worker.core.triggers.match import record_of

FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NEVER = datetime(1, 1, 2, tzinfo=UTC)


def clocked(zone: str = "Europe/Kyiv", **timings: Timing) -> Account:
    """An account in a zone, with the default rules unless given others."""
    return replace(account(), zone=zone, timings={**DEFAULTS, **timings})


def rule(record_kind: str, timing: Timing | None = None, *, zone: str = "Europe/Kyiv") -> ReminderRule:
    trigger = DATED[record_kind].trigger
    [result] = [
        each
        for each in rules_of(clocked(zone, **({trigger: timing} if timing else {})))
        if each.record_kind == record_kind
    ]
    return result


def entry_after(event: Event, *, by: Account | None = None) -> Entry | None:
    return entry_of(event, record_of(event), by or clocked())


def entry(event_type: str, *, by: Account | None = None, at: datetime = NOW, **data: Any) -> Entry:
    """The calendar entry of an event of this type."""
    result = entry_after(happened(event_type, at=at, **data), by=by)
    assert result is not None
    return result


def of(record_kind: str, verb: str, record: dict[str, Any]) -> Entry:
    """The calendar entry of an event that saves this record."""
    data: dict[str, Any] = {record_kind: record}
    return entry(f"{record_kind}.{verb}", **data)


def dated_entry(
    record_kind: str, local_at: datetime, *, zone: str | None = None, start: datetime | None = None
) -> Entry:
    """An entry as the calendar has it, without its event."""
    record = {"id": "5", DATED[record_kind].moment: start.isoformat()} if start else {"id": "5"}
    moment = DATED[record_kind].moment
    return Entry(
        "acme", record_kind, "5", moment, local_at, zone, None, FIRST, cancelled=False, data=Data({record_kind: record})
    )


def walk(
    reminder_rule: ReminderRule, calendar_entry: Entry, *, after: datetime = NEVER, until: datetime = LAST
) -> list[Due]:
    """Every due moment, each searched after the last."""
    dues = list[Due]()
    while (due := next_due(reminder_rule, calendar_entry, after=dues[-1].at if dues else after)) and due.at < until:
        dues.append(due)
    return dues


@cache
def transitions() -> dict[str, list[datetime]]:
    """The moments of 2026 and 2027 when clocks change, for one zone of each group with equal changes."""
    results: dict[tuple[object, ...], tuple[str, list[datetime]]] = {}
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        days = [FIRST + number * DAY for number in range((LAST - FIRST).days + 1)]
        offsets = [day.astimezone(zone).utcoffset() for day in days]
        changes = [change(zone, days[n]) for n in range(len(days) - 1) if offsets[n] != offsets[n + 1]]
        shown = tuple((moment, moment.astimezone(zone).utcoffset()) for moment in changes)
        results.setdefault((offsets[0], *shown), (name, changes))
    return dict(results.values())


def change(zone: ZoneInfo, day: datetime) -> datetime:
    """The first second of the day after this moment that clocks show by their new offset."""
    low, high = 0, 86_400
    before = day.astimezone(zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        is_before = (day + timedelta(seconds=middle)).astimezone(zone).utcoffset() == before
        low, high = (middle, high) if is_before else (low, middle)
    return day + timedelta(seconds=high)

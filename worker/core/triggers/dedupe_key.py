"""The business identity of what an event announces, and its bucket: the same fact is not told to a person twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType

from worker.core.accounts.account import Account
from worker.core.clock.quiet_hours import known_zone, zone_of
from worker.core.contract.event import Event
from worker.core.contract.event_types import TYPES
from worker.core.contract.facts import NOTHING, Facts, at, section, word
from worker.core.contract.fields import NO_DAY
from worker.core.triggers.due_date import Deadline, day_at, deadline
from worker.core.triggers.reminder_offsets import offsets
from worker.core.triggers.trigger import Trigger


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event under a trigger of an account, as one person is told of it."""

    event: Event
    trigger: Trigger
    account: Account
    person: Facts

    @property
    def kind(self) -> str:
        """The section of the record it speaks of."""
        return TYPES[self.event.type].kind_of(self.event.facts) or ""

    def at(self, path: str) -> str:
        """What the event says at a path."""
        return word(at(self.event.facts, path))


def dedupe_key(event: Event, trigger: Trigger, account: Account, person: Facts = NOTHING) -> str:
    """What is told to this person, in one word."""
    announcement = Announcement(event, trigger, account, person)
    return "|".join(escaped(identity(path, announcement)) for path in trigger.dedupe)


def escaped(part: str) -> str:
    """A part of a dedupe key that cannot be taken for two."""
    return part.replace("\\", "\\\\").replace("|", "\\|")


def identity(path: str, told: Announcement) -> str:
    """One part of a dedupe key: what a name of the rules' own stands for, else what the event says at the path."""
    named = NAMED.get(path)
    return named(told) if named else told.at(path)


def notice_day(told: Announcement) -> str:
    """The day of a notice, by the CRM or by the account's calendar."""
    noticed = told.at("invoice.notice_date")
    return day_of(told.event, told.account).isoformat() if noticed in NO_DAY else noticed


def change(told: Announcement) -> str:
    """Which change of status it is: as the CRM names it, else the record's version."""
    named = told.at("position.change_id") or told.at(f"{told.kind}.change_id")
    return named or told.at(f"{told.kind}.version")


def last_day(told: Announcement) -> str:
    """The last day of a document, and whether it is ahead, today or past.

    The day is the one the CRM names, if it names any: a count of days that is off by one makes no other reminder of it.
    """
    found = deadline_of(told.event, told.trigger, told.account)
    named = day_at(told.event.facts, told.trigger.deadline) if told.trigger.deadline else None
    return f"{(named or found.day).isoformat()} {found.stage}" if found else ""


def offset(told: Announcement) -> str:
    """How long before a start, by the CRM; where it says nothing, the nearest of those that our clock would tell at.

    So a CRM that reminds by a clock of its own, and does not say how long before, tells nothing that we told.
    """
    said = told.at("offset_minutes")
    timing = told.account.timings.get(told.trigger.id)
    if said or timing is None or not timing.before or not told.at(f"{told.kind}.start"):
        return said
    left = (instant(told.event.facts, f"{told.kind}.start") - told.event.occurred_at).total_seconds() / 60
    own = offsets(section(told.event.facts, told.kind))
    return str(min(own or timing.before, key=lambda minutes: abs(left - minutes)))


def moment_at(path: str) -> Callable[[Announcement], str]:
    """A moment, the same however its offset is written; none of what is cancelled and has none."""
    return lambda told: instant(told.event.facts, path).isoformat() if told.at(path) else ""


NAMED: Mapping[str, Callable[[Announcement], str]] = MappingProxyType(
    {
        "event.id": lambda told: told.at("request_id") or told.event.id,
        "event.year": lambda told: str(day_of(told.event, told.account).year),
        "notice.day": notice_day,
        "record.id": lambda told: told.at(f"{told.kind}.id"),
        "record.change": change,
        "last.day": last_day,
        "offset": offset,
        "person.role": lambda told: word(told.person.get("role")),
        **{path: moment_at(path) for path in ("booking.start", "meeting.start", "staff_reminder.date")},
    }
)


def deadline_of(event: Event, trigger: Trigger, account: Account) -> Deadline | None:
    """The last day that a trigger's wording follows."""
    return deadline(event.facts, trigger.deadline, today=day_of(event, account)) if trigger.deadline else None


def day_of(event: Event, account: Account) -> date:
    """The date of an event."""
    return event.occurred_at.astimezone(zone_of(zone_for(event, account))).date()


def zone_for(event: Event, account: Account) -> str:
    """The zone whose days count: of a birthday the contact's, where it is known; else the account's."""
    own = word(at(event.facts, "contact.timezone")) if event.type == "contact.birthday" else ""
    return known_zone(own) or account.zone


def instant(facts: Facts, path: str) -> datetime:
    """A moment of the contract (checked, with an offset) in UTC."""
    return datetime.fromisoformat(word(at(facts, path))).astimezone(UTC)

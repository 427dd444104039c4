"""The business identity of what an event announces, and its bucket: a person does not get the same fact twice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from worker.core.accounts.account import Account
from worker.core.clock.quiet_hours import known_zone, zone_of
from worker.core.contract.data import Data, Person, Position, Record, Starting
from worker.core.contract.event import Event
from worker.core.contract.event_types import TYPES
from worker.core.contract.facts import as_text
from worker.core.contract.fields import NO_DAY
from worker.core.triggers.due_date import Deadline, deadline
from worker.core.triggers.trigger import Trigger

NOBODY = Person()


@dataclass(frozen=True, slots=True)
class Announcement:
    event: Event
    trigger: Trigger
    account: Account
    person: Person

    @property
    def data(self) -> Data:
        return self.event.data

    @property
    def record(self) -> Record:
        return TYPES[self.event.type].record_in(self.event.data)


def dedupe_key(event: Event, trigger: Trigger, account: Account, person: Person = NOBODY) -> str:
    announcement = Announcement(event, trigger, account, person)
    return "|".join(escaped(PARTS[name](announcement)) for name in trigger.dedupe)


def escaped(part: str) -> str:
    return part.replace("\\", "\\\\").replace("|", "\\|")


def notice_day(announcement: Announcement) -> str:
    noticed = announcement.data.invoice.notice_date
    return day_of(announcement.event, announcement.account).isoformat() if noticed in NO_DAY else noticed


def change(announcement: Announcement) -> str:
    record = announcement.record
    return announcement.data.position.change_id or record.change_id or as_text(Record.version.written(record))


def last_day(announcement: Announcement) -> str:
    """The last day of a document, and whether it is ahead, today or past.

    The day is the one the CRM names, if it names any: a count of days that is off by one makes no other reminder of it.
    """
    last = deadline_of(announcement.event, announcement.trigger, announcement.account)
    named = announcement.trigger.deadline.of(announcement.record) if announcement.trigger.deadline else None
    return f"{(named or last.day).isoformat()} {last.stage}" if last else ""


def offset(announcement: Announcement) -> str:
    """How long before a start, by the CRM; else the nearest of those of our clock.

    So a CRM with a clock of its own that does not send how long before repeats no reminder of ours.
    """
    offset_minutes, record = announcement.data.offset_minutes, announcement.record
    timing = announcement.account.timings.get(announcement.trigger.id)
    if (
        offset_minutes
        or timing is None
        or not timing.before
        or not isinstance(record, Starting)
        or record.start is None
    ):
        return offset_minutes
    left = (record.start - announcement.event.occurred_at).total_seconds() / 60
    return str(min(record.remind_before or timing.before, key=lambda minutes: abs(left - minutes)))


def utc(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat() if moment else ""


#: The parts of dedupe keys, by the names that triggers give them.
PARTS: Mapping[str, Callable[[Announcement], str]] = {
    "event.id": lambda announcement: announcement.data.request_id or announcement.event.id,
    "event.year": lambda announcement: str(day_of(announcement.event, announcement.account).year),
    "notice.day": notice_day,
    "record.id": lambda announcement: announcement.record.id,
    "record.change": change,
    "last.day": last_day,
    "offset": offset,
    "offset_minutes": lambda announcement: announcement.data.offset_minutes,
    "person.role": lambda announcement: announcement.person.role,
    "payment.id": lambda announcement: announcement.data.payment.id,
    "comment.id": lambda announcement: announcement.data.comment.id,
    "position.entity_type": lambda announcement: announcement.data.position.entity_type,
    "position.status_to": lambda announcement: as_text(Position.status_to.written(announcement.data.position)),
    "booking.start": lambda announcement: utc(announcement.data.booking.start),
    "meeting.start": lambda announcement: utc(announcement.data.meeting.start),
    "staff_reminder.date": lambda announcement: utc(announcement.data.staff_reminder.date),
}


def deadline_of(event: Event, trigger: Trigger, account: Account) -> Deadline | None:
    record = TYPES[event.type].record_in(event.data)
    return deadline(record, trigger.deadline, today=day_of(event, account)) if trigger.deadline else None


def day_of(event: Event, account: Account) -> date:
    return event.occurred_at.astimezone(zone_of(zone_for(event, account))).date()


def zone_for(event: Event, account: Account) -> str:
    """The zone whose days count: of a birthday the contact's, where it is known; else the account's."""
    own = event.data.contact.timezone if event.type == "contact.birthday" else ""
    return known_zone(own) or account.zone

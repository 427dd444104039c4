"""Which moments of its record an event states; local time is the truth, UTC follows the clocks of its zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from worker.core.accounts.account import Account
from worker.core.clock.quiet_hours import known_zone, zone_of
from worker.core.contract.attributes import Field
from worker.core.contract.data import (
    Booking,
    Contact,
    Contract,
    Data,
    Invoice,
    Meeting,
    Proposal,
    Record,
    StaffReminder,
)
from worker.core.contract.event import Event
from worker.core.contract.event_types import BY_POSITION, KEPT, TYPES
from worker.core.contract.facts import Facts
from worker.core.contract.record_statuses import meaning
from worker.core.reminders.date_warnings import Shape, corrections
from worker.core.triggers.catalogue import BY_ID
from worker.core.triggers.match import RecordRef
from worker.core.triggers.matching import objection

#: Parts of `data` that speak of an event, not of its record.
PASSING = ("payment", "comment", "position", "offset_minutes")
DELETED_DATA = Data()


@dataclass(frozen=True, slots=True)
class Dated:
    record_kind: str
    field: Field[datetime | None] | Field[date | None]
    shape: Shape
    trigger: str

    @property
    def moment(self) -> str:
        return self.field.name


DATED: Mapping[str, Dated] = {
    dated.record_kind: dated
    for dated in (
        Dated("meeting", Meeting.start, "instant", "meeting_reminder"),
        Dated("booking", Booking.start, "instant", "booking_reminder"),
        Dated("staff_reminder", StaffReminder.date, "instant", "staff_reminder"),
        Dated("contact", Contact.birthday, "birthday", "contact_birthday"),
        Dated("contract", Contract.dateend, "day", "contract_expiration_reminder"),
        Dated("proposal", Proposal.open_till, "day", "proposal_expiration_reminder"),
        Dated("invoice", Invoice.duedate, "day", "invoice_overdue_notice"),
    )
}
#: Events that the clock itself gives: whoever publishes one keeps a clock of their own for that record, and an
#: occurrence of ours must not be taken for news of the record.
BY_THE_CLOCK = frozenset(BY_ID[dated.trigger].event for dated in DATED.values())
#: Every other event that carries a dated record states it; `booking.confirmed` may be all that a CRM sends of one.
SETS_MOMENT = frozenset(
    name for name, event_type in TYPES.items() if event_type.record in {*KEPT, BY_POSITION} and name not in BY_THE_CLOCK
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One moment of one record.

    `local_at` is what clocks in the zone show: of a day its midnight, of a birthday the day in the year 2000; None
    where the record has no such moment, or no event gave it yet. `zone` is the record's own. `cancelled`: nobody gets a
    reminder: cancelled, paid, deleted, not confirmed yet, without such a moment. `data` is that of the newest event,
    with the newest recipients; of a cancelled entry only these and why. `corrections` are keys of
    date_warnings.CORRECTIONS.
    """

    account: str
    record_kind: str
    record_id: str
    moment: str
    local_at: datetime | None
    zone: str | None
    version: int | None
    changed_at: datetime
    cancelled: bool
    data: Data
    corrections: tuple[str, ...] = ()

    @property
    def identity(self) -> tuple[str, str, str, str]:
        return self.account, self.record_kind, self.record_id, self.moment

    @property
    def record(self) -> Record:
        return self.data.record(self.record_kind)

    def is_newer_than(self, other: Entry) -> bool:
        if self.version is not None and other.version is not None:
            return self.version > other.version
        return self.changed_at > other.changed_at

    def after(self, known: Entry) -> Entry:
        """This newer state; what it lacks of the moment and the people stays as it was known."""
        if self.data == DELETED_DATA:
            return self
        is_silent = self.local_at is None and not self.cancelled
        dated = {"local_at": known.local_at, "zone": known.zone} if is_silent else {}
        written = Data.recipients.written(known.data)
        data = self.data.having(recipients=written) if written and not self.data.recipients else self.data
        return replace(self, **dated, data=data)


def entry_of(event: Event, ref: RecordRef, account: Account) -> Entry | None:
    dated = DATED.get(ref.record_kind) if event.type in SETS_MOMENT else None
    if dated is None:
        return None
    deleted = Entry(
        account=event.account,
        record_kind=ref.record_kind,
        record_id=ref.id,
        moment=dated.moment,
        local_at=None,
        zone=None,
        version=ref.version,
        changed_at=ref.changed_at,
        cancelled=True,
        data=DELETED_DATA,
    )
    return deleted if TYPES[event.type].is_deletion else stated(deleted, event, dated, account)


def stated(blank: Entry, event: Event, dated: Dated, account: Account) -> Entry:
    """Fill an entry with what an event states."""
    record = event.data.record(dated.record_kind)
    zone = known_zone(record.timezone) if dated.shape != "day" else None
    local_at = local_time(record, dated, zone=zone or account.zone)
    is_cancelled = (local_at is None and event.type.endswith(".saved")) or is_dormant(event, dated)
    data = kept(event, dated, is_cancelled=is_cancelled)
    wrong = tuple(corrections(record, dated.field, dated.shape, zone))
    return replace(blank, local_at=local_at, zone=zone, cancelled=is_cancelled, data=data, corrections=wrong)


def local_time(record: Record, dated: Dated, *, zone: str) -> datetime | None:
    """What clocks show at the moment of a record, or None where it has none; of a day its midnight."""
    match dated.field.of(record):
        case datetime() as moment:
            return moment.astimezone(zone_of(zone)).replace(tzinfo=None)
        case date() as day:
            return datetime.combine(day, datetime.min.time())
        case None:
            return None


def is_dormant(event: Event, dated: Dated) -> bool:
    """Whether the record's facts forbid reminders; consent is checked when there is a text."""
    record = event.data.record(dated.record_kind)
    if event.type == "booking.submitted":
        return True
    if event.type == "booking.saved" and meaning("booking", record.status) == "submitted":
        return True
    return dated.record_kind != "contact" and objection(BY_ID[dated.trigger], record, deleted=False) is not None


def kept(event: Event, dated: Dated, *, is_cancelled: bool) -> Data:
    """What an occurrence needs of an event's `data`: its recipients, and all that is not passing.

    Of a cancelled entry the recipients and why: the event that revives it may not name them.
    """
    trigger = BY_ID[dated.trigger]
    named = [person for person in event.data.recipients if person.kind in trigger.recipient_kinds]
    known_at = {"known_at": event.known_at.isoformat()}
    recipients = [{**person.json, **known_at} for person in named]
    if is_cancelled:
        why = {"id", *trigger.asked}
        record = event.data.record(dated.record_kind).json
        left: Facts = {dated.record_kind: {name: value for name, value in record.items() if name in why}}
    else:
        left = {name: value for name, value in event.data.json.items() if name not in PASSING and name != "recipients"}
    return Data({**left, "recipients": recipients} if recipients else left)


def folded(entries: Iterable[Entry]) -> Iterable[Entry]:
    states: dict[tuple[str, str, str, str], Entry] = {}
    for entry in entries:
        known = states.get(entry.identity)
        if known is None or entry.is_newer_than(known):
            states[entry.identity] = entry.after(known) if known else entry
    return states.values()

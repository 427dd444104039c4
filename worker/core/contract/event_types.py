"""The event contract: CloudEvents 1.0 structured JSON, and the types of events with what `data` holds in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from worker.core.contract.data import Data, Person, Record
from worker.core.contract.fields import Lenient, LenientMoment, Moment, Source
from worker.core.contract.payloads import (
    BookingChanged,
    BookingReminderDue,
    ContactBirthday,
    ContractCommentAdded,
    ContractOverdue,
    EventBody,
    InvoiceOverdue,
    InvoicePaymentRecorded,
    MeetingReminderDue,
    OrderChanged,
    PositionStatusChanged,
    ProposalCommentAdded,
    ProposalOverdue,
    SmsSendRequested,
    StaffReminderDue,
    TaskAssigned,
    deleted,
    saved,
)
from worker.core.contract.sections import Booking, Contact, Contract, Invoice, Meeting, Proposal, StaffReminder
from worker.core.contract.sections import Record as RecordModel

#: Of a message that carries an event: CloudEvents 1.0, structured mode.
CONTENT_TYPE = "application/cloudevents+json"
#: Grows with the contract; what was right never becomes wrong.
VERSION = "1.1.0"
ID_MAX, TYPE_MAX = 200, 100
#: Of an event whose position says which kind of record it speaks of.
BY_POSITION = "position.entity_type"


class Envelope(BaseModel):
    """CloudEvents 1.0 attributes; extensions are allowed, as the specification asks.

    `asof` is the moment whose state of the record `data` shows, where that is earlier than `time`: a reminder tells of
    a record that was saved long before.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    specversion: Literal["1.0"]
    id: Annotated[str, Field(min_length=1, max_length=ID_MAX)]
    source: Source
    type: Annotated[str, Field(min_length=1, max_length=TYPE_MAX)]
    time: Moment
    datacontenttype: Annotated[Literal["application/json"] | None, Lenient] = None
    asof: LenientMoment = None
    data: dict[str, Any]

    @property
    def account(self) -> str:
        """The account that `source` names."""
        return self.source.removeprefix("/accounts/")


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of the contract.

    Attributes:
        model: what `data` holds.
        record: the section of the record it speaks of, or BY_POSITION; None: of no record.
        status: what the type itself says of the record's status, in our word, whatever code the CRM has for it.
        is_deletion: whether the record is gone.
    """

    name: str
    model: type[EventBody]
    record: str | None
    status: str | None = None
    is_deletion: bool = False

    def record_kind_of(self, data: Data) -> str | None:
        """The section of the record that this event speaks of."""
        return data.position.entity_type if self.record == BY_POSITION else self.record

    def record_in(self, data: Data) -> Record:
        """The record that this event speaks of, as the event wrote it."""
        return data.record(data.position.entity_type if self.record == BY_POSITION else self.record)

    def newest_record(self, data: Data) -> Record:
        """What is known of the record by this event; of one that was deleted nothing but its id."""
        record = self.record_in(data)
        if self.is_deletion:
            return type(record)({"id": record.json["id"]})
        if self.record == "contact" and not record.phonenumber and (phone := phone_of(record.id, data)):
            record = record.having(phonenumber=phone)
        return record.having(status=self.status) if self.status else record


def phone_of(contact: str, data: Data) -> object:
    """The phone of a contact whose section has none, as the recipients have it."""
    own = (person for person in data.recipients if person.kind == "contact" and person.id == contact)
    return next(map(Person.phonenumber.written, own), None)


#: Records whose every change a CRM may publish, so that texts which wait stay true and the calendar is right.
KEPT: Mapping[str, type[RecordModel]] = MappingProxyType(
    {
        "booking": Booking,
        "contact": Contact,
        "contract": Contract,
        "invoice": Invoice,
        "meeting": Meeting,
        "proposal": Proposal,
        "staff_reminder": StaffReminder,
    }
)

TYPES: Mapping[str, EventType] = MappingProxyType(
    {
        event_type.name: event_type
        for event_type in (
            EventType("invoice.overdue", InvoiceOverdue, "invoice"),
            EventType("invoice.payment_recorded", InvoicePaymentRecorded, "invoice"),
            EventType("proposal.overdue", ProposalOverdue, "proposal"),
            EventType("position.status_changed", PositionStatusChanged, BY_POSITION),
            EventType("proposal.comment_added", ProposalCommentAdded, "proposal"),
            EventType("contract.comment_added", ContractCommentAdded, "contract"),
            EventType("contract.overdue", ContractOverdue, "contract"),
            EventType("staff.reminder_due", StaffReminderDue, "staff_reminder"),
            EventType("meeting.reminder_due", MeetingReminderDue, "meeting"),
            EventType("contact.birthday", ContactBirthday, "contact"),
            EventType("task.assigned", TaskAssigned, "task"),
            EventType("order.created", OrderChanged, "order"),
            EventType("order.approved", OrderChanged, "order"),
            EventType("order.cancelled", OrderChanged, "order", status="cancelled"),
            EventType("booking.submitted", BookingChanged, "booking"),
            EventType("booking.confirmed", BookingChanged, "booking"),
            EventType("booking.reminder_due", BookingReminderDue, "booking"),
            EventType("sms.send_requested", SmsSendRequested, None),
            *(EventType(f"{record}.saved", saved(record, model), record) for record, model in KEPT.items()),
            *(EventType(f"{record}.deleted", deleted(record), record, is_deletion=True) for record in KEPT),
        )
    }
)

#: Every part that the contract names in some type's `data`.
SECTIONS = tuple(sorted({name for event_type in TYPES.values() for name in event_type.model.model_fields}))

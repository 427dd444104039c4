"""The event contract: CloudEvents 1.0 structured JSON, and the types of events with what `data` holds in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from worker.core.contract.facts import Facts, at, section, word
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
from worker.core.contract.sections import Booking, Contact, Contract, Invoice, Meeting, Proposal, Record, StaffReminder

#: Of a message that carries an event: CloudEvents 1.0, structured mode.
CONTENT_TYPE = "application/cloudevents+json"
#: Grows with the contract; what was right never becomes wrong.
VERSION = "1.1.0"
ID_MAX, TYPE_MAX = 200, 100


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
        record: the section of the record it speaks of, or the path where the event names it; None: of no record.
        status: what the type itself says of the record's status, in our word, whatever code the CRM has for it.
        is_deletion: whether the record is gone.
    """

    name: str
    model: type[EventBody]
    record: str | None
    status: str | None = None
    is_deletion: bool = False

    def kind_of(self, facts: Facts) -> str | None:
        """The section of the record that this event speaks of."""
        return word(at(facts, self.record)) if self.record and "." in self.record else self.record

    def said_of_record(self, facts: Facts) -> Facts:
        """What this event says of its record; of one that is gone nothing is kept but its id."""
        said = section(facts, self.kind_of(facts) or "")
        if self.is_deletion:
            return {"id": said["id"]}
        if self.record == "contact" and not word(said.get("phonenumber")):
            said = {**said, **phone_of(word(said.get("id")), facts)}
        return {**said, "status": self.status} if self.status else said


def phone_of(contact: str, facts: Facts) -> Facts:
    """The phone of a contact whose section has none, as it stands among the recipients."""
    people = cast("list[Facts]", facts.get("recipients") or [])
    own = (one for one in people if one.get("kind") == "contact" and word(one.get("id")) == contact)
    phone = next((one.get("phonenumber") for one in own), None)
    return {"phonenumber": phone} if phone else {}


#: Records whose every change a CRM may publish, so that texts which wait stay true and the calendar is right.
KEPT: Mapping[str, type[Record]] = MappingProxyType(
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
            EventType("position.status_changed", PositionStatusChanged, "position.entity_type"),
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

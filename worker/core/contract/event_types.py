"""The event contract: CloudEvents 1.0 structured JSON, and the types of events with what `data` holds in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model, model_validator

from worker.core.contract.data import Data, Person, Record
from worker.core.contract.fields import Id, Lenient, LenientMoment, Moment, Offset, Section, Source, TextOrNumber, flag
from worker.core.contract.record_schemas import (
    Booking,
    Client,
    Comment,
    Contact,
    Contract,
    ExpiringContract,
    ExpiringProposal,
    Invoice,
    Meeting,
    Order,
    Payment,
    Position,
    Proposal,
    Recipient,
    StaffReminder,
    Task,
)
from worker.core.contract.record_schemas import Record as RecordModel

#: Of a message that carries an event: CloudEvents 1.0, structured mode.
CONTENT_TYPE = "application/cloudevents+json"
#: Grows with the contract; what was right never becomes wrong.
VERSION = "1.1.0"
ID_MAX, TYPE_MAX = 200, 100
#: Of an event whose position says which kind of record it speaks of.
BY_POSITION = "position.entity_type"
RECIPIENTS_MAX = 500
#: No SMS holds more.
TEXT_MAX = 2000


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


class EventBody(Section):
    """What every type's `data` may hold.

    `shortcodes` are ready-made values, such as the CRM's custom fields, by shortcode without braces; they win over what
    the sections say.
    """

    recipients: list[Recipient] = Field(default_factory=list[Recipient], max_length=RECIPIENTS_MAX)
    client: Client | None = None
    shortcodes: dict[str, TextOrNumber] = Field(default_factory=dict[str, TextOrNumber])


class InvoiceOverdue(EventBody):
    """An invoice is overdue, and its contacts are reminded."""

    invoice: Invoice


class InvoicePaymentRecorded(EventBody):
    """A payment was recorded; the invoice is as the payment left it."""

    invoice: Invoice
    payment: Payment


class ProposalOverdue(EventBody):
    """A proposal's last day is near, today or past; `offset_minutes` tells reminders of one day apart."""

    proposal: ExpiringProposal
    offset_minutes: Offset | None = None


class ProposalCommentAdded(EventBody):
    """Somebody commented on a proposal."""

    proposal: Proposal
    comment: Comment


class ContractOverdue(EventBody):
    """A contract's last day is near, today or past; `offset_minutes` tells reminders of one day apart."""

    contract: ExpiringContract
    offset_minutes: Offset | None = None


class ContractCommentAdded(EventBody):
    """Somebody commented on a contract."""

    contract: Contract
    comment: Comment


def beside(record_kind: str) -> dict[str, Any]:
    """In JSON Schema: a position of this kind, and the section of that name."""
    position = {"properties": {"entity_type": {"const": record_kind}}}
    return {"properties": {"position": position, record_kind: {"type": "object"}}, "required": [record_kind]}


class PositionStatusChanged(EventBody):
    """A proposal or an order got another status; which code means sent is a setting of the trigger."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [beside("proposal"), beside("order")]})

    position: Position
    proposal: Proposal | None = None
    order: Order | None = None

    @model_validator(mode="after")
    def has_its_record(self) -> Self:
        """The record stands in the section that `entity_type` names."""
        if getattr(self, self.position.entity_type) is None:
            raise ValueError(f"needs the section {self.position.entity_type} that position.entity_type names")
        return self


class StaffReminderDue(EventBody):
    """The moment of a colleague's reminder has come."""

    staff_reminder: StaffReminder


class MeetingReminderDue(EventBody):
    """A meeting is near; `offset_minutes` is how long before its start."""

    meeting: Meeting
    offset_minutes: Offset | None = None


class ContactBirthday(EventBody):
    """It is a contact's birthday."""

    contact: Contact


class TaskAssigned(EventBody):
    """Colleagues became assignees or followers of a task."""

    task: Task


class OrderChanged(EventBody):
    """An order was created, approved or cancelled."""

    order: Order


class BookingChanged(EventBody):
    """A booking was asked for on the site, or confirmed by a colleague."""

    booking: Booking


class BookingReminderDue(EventBody):
    """A booking is near; `offset_minutes` is how long before its start."""

    booking: Booking
    offset_minutes: Offset | None = None


BY_HAND: dict[str, Any] = {
    "required": ["recipients"],
    "oneOf": [
        {"properties": {name: {"type": "string"}, other: {"type": "null"}}, "required": [name]}
        for name, other in (("text", "template"), ("template", "text"))
    ],
}


class SmsSendRequested(EventBody):
    """A text, or the custom template of this name, is sent to these people.

    Either may hold shortcodes, whose values are found in `data`. What is `marketing` goes only to recipients with
    `consent`, said here or recorded before. The same `request_id` does not reach the same person twice; without one the
    event's `id` counts.
    """

    model_config = ConfigDict(json_schema_extra=BY_HAND)

    recipients: list[Recipient] = Field(
        default_factory=list[Recipient], validate_default=True, min_length=1, max_length=RECIPIENTS_MAX
    )
    text: Annotated[str, Field(min_length=1, max_length=TEXT_MAX)] | None = None
    template: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    marketing: Annotated[bool, BeforeValidator(flag)] = False
    request_id: Id | None = None
    expires_at: Moment | None = None

    @model_validator(mode="after")
    def has_one_text(self) -> Self:
        """Words, or the name of a template."""
        if (self.text is None) == (self.template is None):
            raise ValueError("needs either text or template, the name of a custom template, and not both")
        return self


def saved(record: str, model: type[RecordModel]) -> type[EventBody]:
    """The body of an event that keeps a record true."""
    text = f"The newest state of a record, in the section {record}: what waits is held against it. Nobody is told."
    fields: dict[str, Any] = {record: (model, ...)}
    return create_model(f"{named(record)}Saved", __base__=EventBody, __doc__=text, **fields)


def deleted(record: str) -> type[EventBody]:
    """The body of an event that says a record is gone."""
    text = f"The record in the section {record} is gone: nothing more is said of it."
    fields: dict[str, Any] = {record: (RecordModel, ...)}
    return create_model(f"{named(record)}Deleted", __base__=EventBody, __doc__=text, **fields)


def named(record: str) -> str:
    """`StaffReminder` for `staff_reminder`."""
    return "".join(map(str.capitalize, record.split("_")))


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
        return data.record(self.record_kind_of(data))

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

"""What `data` holds in each type of event: a model for each shape."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ConfigDict, Field, create_model, model_validator

from worker.core.contract.fields import Id, Moment, Offset, Section, TextOrNumber, flag
from worker.core.contract.sections import (
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
    Record,
    StaffReminder,
    Task,
)

RECIPIENTS_MAX = 500
#: No SMS holds more.
TEXT_MAX = 2000


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


def beside(event_type: str) -> dict[str, Any]:
    """In JSON Schema: a position of this kind, and the section of that name."""
    position = {"properties": {"entity_type": {"const": event_type}}}
    return {"properties": {"position": position, event_type: {"type": "object"}}, "required": [event_type]}


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


def saved(record: str, model: type[Record]) -> type[EventBody]:
    """The body of an event that keeps a record true."""
    text = f"The newest state of a record, in the section {record}: what waits is held against it. Nobody is told."
    fields: dict[str, Any] = {record: (model, ...)}
    return create_model(f"{named(record)}Saved", __base__=EventBody, __doc__=text, **fields)


def deleted(record: str) -> type[EventBody]:
    """The body of an event that says a record is gone."""
    text = f"The record in the section {record} is gone: nothing more is said of it."
    fields: dict[str, Any] = {record: (Record, ...)}
    return create_model(f"{named(record)}Deleted", __base__=EventBody, __doc__=text, **fields)


def named(record: str) -> str:
    """`StaffReminder` for `staff_reminder`."""
    return "".join(map(str.capitalize, record.split("_")))

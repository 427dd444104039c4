"""The event contract: CloudEvents 1.0 structured JSON, and the types of events with what `data` holds in each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from worker.core.contract import data as contract
from worker.core.contract.attributes import Condition, Section, model_of, part
from worker.core.contract.data import RECIPIENTS_MAX, Body, Data, Person, Position, Record, people
from worker.core.contract.facts import Facts
from worker.core.contract.fields import Lenient, LenientMoment, Moment, SectionModel, Source
from worker.language import _

CONTENT_TYPE = "application/cloudevents+json"
#: Grows with the contract; what was right never becomes wrong.
VERSION = "1.2.0"
ID_MAX, TYPE_MAX = 200, 100
#: Of an event whose position shows which kind of record it is about.
BY_POSITION = "position.entity_type"


class Envelope(BaseModel):
    """CloudEvents 1.0 attributes; extensions are allowed, as the specification asks.

    `asof` is the moment whose state of the record `data` shows, where that is earlier than `time`: a reminder is about
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
        return self.source.removeprefix("/accounts/")


def name_of(section: type[Section]) -> str:
    return next(name for name, known in contract.SECTIONS.items() if issubclass(section, known))


def its_record() -> Condition:
    def beside(record_kind: str) -> dict[str, Any]:
        position = {"properties": {"entity_type": {"const": record_kind}}}
        return {"properties": {"position": position, record_kind: {"type": "object"}}, "required": [record_kind]}

    def missing(data: Facts) -> str | None:
        name = Position(vars(data["position"])).entity_type
        return None if data[name] else _("needs the section {name} that position.entity_type names", name=name)

    return Condition({"anyOf": [beside("proposal"), beside("order")]}, missing)


def one_text() -> Condition:
    choices = [
        {"properties": {name: {"type": "string"}, other: {"type": "null"}}, "required": [name]}
        for name, other in (("text", "template"), ("template", "text"))
    ]

    def missing(data: Facts) -> str | None:
        is_one = (data["text"] is None) != (data["template"] is None)
        return None if is_one else _("needs either text or template, the name of a custom template, and not both")

    return Condition({"required": ["recipients"], "oneOf": choices}, missing)


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of the contract.

    `record` is the section that it is about, or BY_POSITION; `status` is the one that the type itself states.
    """

    name: str
    model: type[SectionModel]
    record: str | None
    status: str | None = None
    is_deletion: bool = False

    def record_kind_of(self, data: Data) -> str | None:
        return data.position.entity_type if self.record == BY_POSITION else self.record

    def record_in(self, data: Data) -> Record:
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
    own = (person for person in data.recipients if person.kind == "contact" and person.id == contact)
    return next(map(Person.phonenumber.written, own), None)


def body(title: str, text: str, /, *needed: type[Section], **others: object) -> type[SectionModel]:
    """The model of a type's `data`, which needs these sections; it is published under this title with this text."""
    parts = {name_of(section): part(section, model_of(section), ...) for section in needed}
    return model_of(type(title, (Body,), {"__doc__": text, **parts, **others}))


def event_type(name: str, text: str, /, *needed: type[Section], **others: object) -> EventType:
    record = next(map(name_of, needed), None)
    model = body(titled(name), text, *needed, **others)
    return EventType(name, model, BY_POSITION if record == "position" else record)


def saved(record: str) -> EventType:
    text = f"The newest state of a record, in the section {record}: waiting texts are checked by it. Nobody gets one."
    return event_type(f"{record}.saved", text, contract.SECTIONS[record])


def deleted(record: str) -> EventType:
    name, text = f"{record}.deleted", f"The record in the section {record} is deleted: no more texts about it."
    model = body(titled(name), text, **{record: part(Record, model_of(Record), ...)})
    return EventType(name, model, record, is_deletion=True)


def titled(name: str) -> str:
    return "".join(map(str.capitalize, re.split("[._]", name)))


#: Records whose every change a CRM may publish, so that texts which wait stay true and the calendar is right.
KEPT = ("booking", "contact", "contract", "invoice", "meeting", "proposal", "staff_reminder")
FIELDS = {item.name: item for item in Data.attributes()}
OFFSET = {"offset_minutes": FIELDS["offset_minutes"]}
LAST_DAY = "last day is near, today or past; `offset_minutes` distinguishes reminders of one day."
NEAR = "is near; `offset_minutes` is how long before its start."
ORDER = body("OrderChanged", "An order was created, approved or cancelled.", contract.Order)
BOOKING = body("BookingChanged", "A booking was asked for on the site, or confirmed by a colleague.", contract.Booking)
BY_HAND = """A text, or the custom template of this name, is sent to these people.

Either may hold shortcodes, whose values are found in `data`. What is `marketing` goes only to recipients with
`consent`, given here or recorded before. The same `request_id` does not reach the same person twice; without one the
event's `id` counts.
"""

TYPES: Mapping[str, EventType] = {
    type_.name: type_
    for type_ in (
        event_type("invoice.overdue", "An invoice is overdue, and its contacts are reminded.", contract.Invoice),
        event_type(
            "invoice.payment_recorded",
            "A payment was recorded; the invoice is as the payment left it.",
            contract.Invoice,
            contract.Payment,
        ),
        event_type("proposal.overdue", f"A proposal's {LAST_DAY}", contract.ExpiringProposal, **OFFSET),
        event_type(
            "position.status_changed",
            "A proposal or an order got another status; which code means sent is a setting of the trigger.",
            Position,
            condition=its_record(),
            proposal=part(contract.Proposal, model_of(contract.Proposal) | None),
            order=part(contract.Order, model_of(contract.Order) | None),
        ),
        event_type("proposal.comment_added", "Somebody commented on a proposal.", contract.Proposal, contract.Comment),
        event_type("contract.comment_added", "Somebody commented on a contract.", contract.Contract, contract.Comment),
        event_type("contract.overdue", f"A contract's {LAST_DAY}", contract.ExpiringContract, **OFFSET),
        event_type("staff.reminder_due", "The moment of a colleague's reminder has come.", contract.StaffReminder),
        event_type("meeting.reminder_due", f"A meeting {NEAR}", contract.Meeting, **OFFSET),
        event_type("contact.birthday", "It is a contact's birthday.", contract.Contact),
        event_type("task.assigned", "Colleagues became assignees or followers of a task.", contract.Task),
        EventType("order.created", ORDER, "order"),
        EventType("order.approved", ORDER, "order"),
        EventType("order.cancelled", ORDER, "order", status="cancelled"),
        EventType("booking.submitted", BOOKING, "booking"),
        EventType("booking.confirmed", BOOKING, "booking"),
        event_type("booking.reminder_due", f"A booking {NEAR}", contract.Booking, **OFFSET),
        event_type(
            "sms.send_requested",
            BY_HAND,
            condition=one_text(),
            recipients=people(
                Field(default_factory=list[Any], validate_default=True, min_length=1, max_length=RECIPIENTS_MAX)
            ),
            **{name: FIELDS[name] for name in ("text", "template", "marketing", "request_id", "expires_at")},
        ),
        *map(saved, KEPT),
        *map(deleted, KEPT),
    )
}

SECTIONS = tuple(sorted({name for type_ in TYPES.values() for name in type_.model.model_fields}))

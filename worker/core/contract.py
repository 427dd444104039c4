"""The event contract: CloudEvents 1.0 structured JSON and the typed part of `data`; other fields are kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StrictInt

RECIPIENTS_MAX = 500
MOMENT = re.compile(r"[12]\d{3}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)", re.ASCII)
DAY = re.compile(r"[12]\d{3}-\d\d-\d\d", re.ASCII)
#: What PHP and MySQL write for no date.
NO_DAY = frozenset({"", "0000-00-00"})


def moment(value: object) -> object:
    """The shape of RFC 3339, which every reader takes for the same moment; a number is none."""
    if isinstance(value, str) and MOMENT.fullmatch(value):
        return value
    raise ValueError("must be a string such as 2026-11-23T10:15:00+02:00")


def day(value: object) -> object:
    """The shape of an ISO 8601 date, or none."""
    if isinstance(value, str) and value in NO_DAY:
        return None
    if value is None or (isinstance(value, str) and DAY.fullmatch(value)):
        return value
    raise ValueError("must be a string such as 2026-11-23")


def amount(text: str) -> str:
    """A decimal string."""
    if re.fullmatch(r"-?\d{1,15}(\.\d{1,4})?", text, re.ASCII):
        return text
    raise ValueError("must be a decimal string such as 1250.00")


def currency(text: str) -> str:
    """An ISO 4217 code."""
    if re.fullmatch(r"[A-Z]{3}", text):
        return text
    raise ValueError("must be an ISO 4217 code such as UAH")


def source(text: str) -> str:
    """The account as a path."""
    if re.fullmatch(r"/accounts/[a-z0-9-]{1,40}", text):
        return text
    raise ValueError("must be /accounts/<account>, of a-z, 0-9 and -")


Id = Annotated[str, Field(min_length=1, max_length=100)] | StrictInt
Version = Annotated[str, Field(pattern=r"^[0-9]{1,18}$")] | Annotated[StrictInt, Field(ge=0, lt=2**63)]
Word = Annotated[str, Field(max_length=20_000)] | int | float | None
Moment = Annotated[AwareDatetime, BeforeValidator(moment)]
Day = Annotated[date | None, BeforeValidator(day)]


class Section(BaseModel):
    """A part of `data`: what is named here is checked, what is not is kept as it is."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Money(Section):
    """An amount as a decimal string and its ISO 4217 currency."""

    amount: Annotated[str, AfterValidator(amount)]
    currency: Annotated[str, AfterValidator(currency)]


class Recipient(Section):
    """A person the CRM finds eligible."""

    kind: Literal["contact", "lead", "staff", "proposal", "order", "booking"]
    id: Id
    phonenumber: Word = None
    firstname: Word = None
    lastname: Word = None
    locale: Annotated[str, Field(pattern=r"^[a-z]{2}([-_][A-Za-z]{2})?$")] | None = None
    timezone: Annotated[str, Field(max_length=60)] | None = None
    consent: bool | None = None


class Record(Section):
    """Whatever an event speaks of; `version` grows with each change."""

    id: Id
    version: Version | None = None
    status: Word = None


class Client(Section):
    """The company behind the people."""

    id: Id | None = None
    company: Word = None


class Invoice(Record):
    """An invoice; money as `{"amount": "1250.00", "currency": "UAH"}`."""

    number: Word = None
    date: Day = None
    duedate: Day = None
    notice_date: Day = None
    total: Money | None = None
    subtotal: Money | None = None
    amount_due: Money | None = None


class Payment(Section):
    """A payment of an invoice, in its own currency."""

    id: Id
    total: Money
    date: Day = None


class Proposal(Record):
    """A proposal (commercial offer)."""

    number: Word = None
    open_till: Day = None


class Comment(Section):
    """A comment; the author's side decides who hears of it."""

    id: Id
    author: Literal["staff", "client"]


class Order(Record):
    """A stock order; `change_id` names one change of status."""

    number: Word = None
    change_id: Id | None = None


class Booking(Record):
    """An entry of the booking journal; `start` carries its offset."""

    start: Moment
    timezone: Annotated[str, Field(max_length=60)] | None = None


class EventBody(Section):
    """What every type's `data` may hold."""

    recipients: Annotated[list[Recipient], Field(max_length=RECIPIENTS_MAX)] = []
    client: Client | None = None
    shortcodes: dict[str, Word] = {}


class InvoiceOverdue(EventBody):
    """`data` of `invoice.overdue`."""

    invoice: Invoice


class InvoicePaymentRecorded(EventBody):
    """`data` of `invoice.payment_recorded`."""

    invoice: Invoice
    payment: Payment


class ProposalCommentAdded(EventBody):
    """`data` of `proposal.comment_added`."""

    proposal: Proposal
    comment: Comment


class OrderChanged(EventBody):
    """`data` of `order.created`, `order.approved` and `order.cancelled`."""

    order: Order


class BookingChanged(EventBody):
    """`data` of `booking.submitted` and `booking.confirmed`."""

    booking: Booking


class Envelope(BaseModel):
    """CloudEvents 1.0 attributes; extensions are allowed, as the specification asks."""

    model_config = ConfigDict(extra="allow", frozen=True)

    specversion: Literal["1.0"]
    id: Annotated[str, Field(min_length=1, max_length=200)]
    source: Annotated[str, AfterValidator(source)]
    type: Annotated[str, Field(min_length=1, max_length=100)]
    time: Moment
    datacontenttype: Literal["application/json"] | None = None
    data: dict[str, Any]

    @property
    def account(self) -> str:
        """The account that `source` names."""
        return self.source.removeprefix("/accounts/")


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of the contract: its model and the record it speaks of."""

    name: str
    model: type[EventBody]
    record: str


TYPES: Mapping[str, EventType] = MappingProxyType(
    {
        event_type.name: event_type
        for event_type in (
            EventType("invoice.overdue", InvoiceOverdue, "invoice"),
            EventType("invoice.payment_recorded", InvoicePaymentRecorded, "invoice"),
            EventType("proposal.comment_added", ProposalCommentAdded, "proposal"),
            EventType("order.created", OrderChanged, "order"),
            EventType("order.approved", OrderChanged, "order"),
            EventType("order.cancelled", OrderChanged, "order"),
            EventType("booking.submitted", BookingChanged, "booking"),
            EventType("booking.confirmed", BookingChanged, "booking"),
        )
    }
)

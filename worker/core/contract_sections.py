"""The sections of an event's `data`: the people, and the records of the CRM that an event may speak of."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from worker.core.contract_values import (
    Birthday,
    Day,
    DaysLeft,
    Flag,
    Id,
    Language,
    Lenient,
    LenientDay,
    LenientMoment,
    LenientMoney,
    LenientWord,
    Moment,
    Money,
    Offset,
    Section,
    Version,
    Word,
    Zone,
)

#: Who hears of an event: `data.recipients.kind`.
RecipientKind = Literal["contact", "lead", "staff", "proposal", "order", "booking"]
Offsets = Annotated[Annotated[list[Offset], Field(max_length=10)] | None, Lenient]


class Recipient(Section):
    """A person the CRM finds eligible; the fields of that person's section may stand here too.

    `kind` says whose phone it is: a person's, or the one that a proposal, an order or a booking carries. `consent` is
    asked for only by what is marketing. `role` is a colleague's part in a task.
    """

    kind: RecipientKind
    id: Id
    phonenumber: Word = None
    firstname: Word = None
    lastname: Word = None
    locale: Language = None
    timezone: Zone = None
    consent: bool | None = None
    role: Annotated[Literal["assignee", "follower"] | None, Lenient] = None


class Record(Section):
    """Whatever an event speaks of; `version` grows with each change."""

    id: Id
    version: Version | None = None
    status: Word = None


class Client(Section):
    """The company behind the people."""

    id: Id | None = None
    company: Word = None


class Contact(Record):
    """A person of a client; `birthday` may lack its year."""

    firstname: Word = None
    lastname: Word = None
    phonenumber: Word = None
    birthday: Birthday = None
    locale: Language = None
    timezone: Zone = None
    consent: bool | None = None


class Invoice(Record):
    """An invoice; money as `{"amount": "1250.00", "currency": "UAH"}`.

    `notice_date` is the day of an overdue notice: one is told of each, once. `cancel_overdue_reminders` asks for none.
    """

    number: Word = None
    date: Day = None
    duedate: Day = None
    notice_date: Day = None
    total: Money | None = None
    subtotal: Money | None = None
    amount_due: Money | None = None
    cancel_overdue_reminders: Flag = None


class Payment(Section):
    """A payment of an invoice, in its own currency; `do_not_notify` asks to tell nobody."""

    id: Id
    total: Money
    date: Day = None
    do_not_notify: Flag = None


class Proposal(Record):
    """A proposal (commercial offer); `phonenumber` is the phone that stands on it."""

    number: Word = None
    subject: LenientWord = None
    datecreated: LenientDay = None
    open_till: Day = None
    days_left: DaysLeft = None
    total: LenientMoney = None
    phonenumber: LenientWord = None


class Contract(Record):
    """A contract; what a client may not see, or lies in the bin, is not spoken of to clients."""

    number: Word = None
    subject: Word = None
    datecreated: LenientDay = None
    datestart: LenientDay = None
    dateend: LenientDay = None
    days_left: DaysLeft = None
    contract_value: LenientMoney = None
    not_visible_to_client: Flag = None
    trash: Flag = None


def has_a_last_day(last_day: str) -> dict[str, Any]:
    """In JSON Schema: the last day, or how far it is."""
    day = {"properties": {last_day: {"type": "string", "minLength": len("2026-11-23")}}, "required": [last_day]}
    return {"anyOf": [day, {"properties": {"days_left": {"type": "integer"}}, "required": ["days_left"]}]}


class ExpiringProposal(Proposal):
    """A proposal whose last day is near or past: `open_till`, or `days_left`, which wins and is negative once past."""

    model_config = ConfigDict(json_schema_extra=has_a_last_day("open_till"))

    @model_validator(mode="after")
    def has_a_last_day(self) -> Self:
        """Without one there is nothing to remind of."""
        if self.open_till is None and self.days_left is None:
            raise ValueError("needs open_till, a day such as 2026-11-23, or days_left, such as 4 or -1")
        return self


class ExpiringContract(Contract):
    """A contract whose last day is near or past: `dateend`, or `days_left`, which wins and is negative once past."""

    model_config = ConfigDict(json_schema_extra=has_a_last_day("dateend"))

    @model_validator(mode="after")
    def has_a_last_day(self) -> Self:
        """Without one there is nothing to remind of."""
        if self.dateend is None and self.days_left is None:
            raise ValueError("needs dateend, a day such as 2026-11-23, or days_left, such as 4 or -1")
        return self


class Comment(Section):
    """A comment; the author's side decides who hears of it."""

    id: Id
    author: Literal["staff", "client"]


class Order(Record):
    """A stock order; `change_id` names one change of status, `phonenumber` is the phone that stands on it."""

    number: Word = None
    date: LenientDay = None
    change_id: Id | None = None
    total: LenientMoney = None
    phonenumber: LenientWord = None


class Position(Section):
    """A change of status of a proposal or an order, which stands beside it in its own section; statuses are codes."""

    entity_type: Literal["proposal", "order"]
    status_from: Word = None
    status_to: Annotated[str, Field(min_length=1, max_length=100)] | int
    change_id: Id | None = None


class Booking(Record):
    """An entry of the booking journal; `start` carries its offset, `remind_before` its own minutes of reminders.

    Nobody is reminded of one whose `status` is cancelled, or submitted, pending, new, requested or unconfirmed.
    """

    start: Moment
    end: LenientMoment = None
    timezone: Zone = None
    remind_before: Offsets = None
    phonenumber: LenientWord = None


class Meeting(Record):
    """A meeting; `start` carries its offset, `remind_before` its own minutes of reminders."""

    start: Moment
    end: LenientMoment = None
    timezone: Zone = None
    remind_before: Offsets = None
    subject: Word = None


class Task(Record):
    """A task; `assigned_by_id` is the colleague who gave it and is not told of it, `assigned_by` their name."""

    name: Word = None
    duedate: LenientDay = None
    assigned_by: Word = None
    assigned_by_id: Id | None = None


class StaffReminder(Record):
    """A reminder that a colleague set; `date` is its moment."""

    date: Moment
    timezone: Zone = None
    description: Word = None

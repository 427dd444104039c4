"""The sections of an event's `data`: the people, and the records of the CRM that an event may speak of."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from worker.core.contract.fields import (
    AS_IT_CAME,
    Birthday,
    Day,
    DaysLeft,
    Flag,
    Id,
    Language,
    MomentOrNone,
    Offset,
    Section,
    Sum,
    TextOrNumber,
    Version,
    Zone,
    has_a_last_day,
    has_its_moment,
)
from worker.core.contract.record_statuses import meaning

#: Who hears of an event: `data.recipients.kind`.
RecipientKind = Literal["contact", "lead", "staff", "proposal", "order", "booking"]
Offsets = Annotated[Annotated[list[Offset], Field(max_length=10)] | None, AS_IT_CAME]


class Recipient(Section):
    """A person the CRM finds eligible; the fields of that person's section may stand here too.

    `kind` says whose phone it is: a person's, or the one that a proposal, an order or a booking carries. `consent` is
    asked for only by what is marketing; where it is not said, what `contact.saved` said last of it counts. `role` is a
    colleague's part in a task.
    """

    kind: RecipientKind
    id: Id
    phonenumber: TextOrNumber = None
    firstname: TextOrNumber = None
    lastname: TextOrNumber = None
    locale: Language = None
    timezone: Zone = None
    consent: Flag = None
    role: Annotated[Literal["assignee", "follower"] | None, AS_IT_CAME] = None


class Record(Section):
    """Whatever an event speaks of; `version` grows with each change."""

    id: Id
    version: Version | None = None
    status: TextOrNumber = None


class Client(Section):
    """The company behind the people."""

    id: Id | None = None
    company: TextOrNumber = None


class Contact(Record):
    """A person of a client; `birthday` may lack its year.

    `consent` to marketing, or its withdrawal (false), is recorded until a newer event says otherwise.
    """

    firstname: TextOrNumber = None
    lastname: TextOrNumber = None
    phonenumber: TextOrNumber = None
    birthday: Birthday = None
    locale: Language = None
    timezone: Zone = None
    consent: Flag = None


class Invoice(Record):
    """An invoice; money as `{"amount": "1250.00", "currency": "UAH"}`.

    `notice_date` is the day of an overdue notice: one is told of each, once. `cancel_overdue_reminders` asks for none.
    """

    number: TextOrNumber = None
    date: Day = None
    duedate: Day = None
    notice_date: Day = None
    total: Sum = None
    subtotal: Sum = None
    amount_due: Sum = None
    cancel_overdue_reminders: Flag = None


class Payment(Section):
    """A payment of an invoice, in its own currency; `do_not_notify` asks to tell nobody."""

    id: Id
    total: Sum = None
    date: Day = None
    do_not_notify: Flag = None


class Proposal(Record):
    """A proposal (commercial offer); `phonenumber` is the phone that stands on it."""

    number: TextOrNumber = None
    subject: TextOrNumber = None
    datecreated: Day = None
    open_till: Day = None
    days_left: DaysLeft = None
    total: Sum = None
    phonenumber: TextOrNumber = None


class Contract(Record):
    """A contract; what a client may not see, or lies in the bin, is not spoken of to clients."""

    number: TextOrNumber = None
    subject: TextOrNumber = None
    datecreated: Day = None
    datestart: Day = None
    dateend: Day = None
    days_left: DaysLeft = None
    contract_value: Sum = None
    not_visible_to_client: Flag = None
    trash: Flag = None


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

    number: TextOrNumber = None
    date: Day = None
    change_id: Id | None = None
    total: Sum = None
    phonenumber: TextOrNumber = None


class Position(Section):
    """A change of status of a proposal or an order, which stands beside it in its own section; statuses are codes."""

    entity_type: Literal["proposal", "order"]
    status_from: TextOrNumber = None
    status_to: Annotated[str, Field(min_length=1, max_length=100)] | int
    change_id: Id | None = None


def needs_moment(record: Record, record_kind: str, name: str) -> None:
    """Only what is called off goes without its moment."""
    if getattr(record, name) is None and meaning(record_kind, record.status) not in {"cancelled", "done"}:
        raise ValueError(f"needs {name}, a moment such as 2026-11-23T10:15:00+02:00, unless it is cancelled")


class Starting(Record):
    """A record with a start that people are reminded of."""

    model_config = ConfigDict(json_schema_extra=has_its_moment("start"))

    start: MomentOrNone = None
    end: MomentOrNone = None
    timezone: Zone = None
    remind_before: Offsets = None

    @model_validator(mode="after")
    def has_a_start(self) -> Self:
        """Without one nobody can be reminded of it."""
        needs_moment(self, type(self).__name__.lower(), "start")
        return self


class Booking(Starting):
    """An entry of the booking journal; `start` carries its offset, `remind_before` its own minutes of reminders.

    Nobody is reminded of one whose `status` is cancelled, or submitted, pending, new, requested or unconfirmed. One
    that is cancelled needs no `start`.
    """

    phonenumber: TextOrNumber = None


class Meeting(Starting):
    """A meeting; `start` carries its offset, `remind_before` its own minutes of reminders.

    One whose `status` is cancelled needs no `start`.
    """

    subject: TextOrNumber = None


class Task(Record):
    """A task; `assigned_by_id` is the colleague who gave it and is not told of it, `assigned_by` their name."""

    name: TextOrNumber = None
    duedate: Day = None
    assigned_by: TextOrNumber = None
    assigned_by_id: Id | None = None


class StaffReminder(Record):
    """A reminder that a colleague set; `date` is its moment, which one whose `status` is cancelled does not need."""

    model_config = ConfigDict(json_schema_extra=has_its_moment("date"))

    date: MomentOrNone = None
    timezone: Zone = None
    description: TextOrNumber = None

    @model_validator(mode="after")
    def has_a_date(self) -> Self:
        """Without one nobody can be reminded of it."""
        needs_moment(self, "staff_reminder", "date")
        return self

"""What an event says: its people and the records of the CRM, each section declared once.

Class docstrings are published with the contract's schema.
"""

from collections.abc import Mapping
from types import GenericAlias
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from worker.core.contract import fields
from worker.core.contract import readers as read
from worker.core.contract.attributes import Attribute, Condition, Section, model_of, part, sections
from worker.core.contract.facts import Facts, as_facts, as_text, code, is_true, truth
from worker.core.contract.record_statuses import meaning
from worker.language import _

#: Who is notified of an event: `data.recipients.kind`.
RecipientKind = Literal["contact", "lead", "staff", "proposal", "order", "booking"]
RECIPIENTS_MAX = 500
#: No SMS holds more.
Words = Annotated[str, Field(min_length=1, max_length=2000)]
TemplateName = Annotated[str, Field(min_length=1, max_length=200)]
Role = Annotated[Literal["assignee", "follower"] | None, fields.AS_IT_CAME]
Offsets = Annotated[Annotated[list[fields.Offset], Field(max_length=10)] | None, fields.AS_IT_CAME]


def its_moment(record_kind: str, name: str) -> Condition:
    """A moment, or a status that means that there is none any more."""
    moment = {"properties": {name: fields.spelt(fields.MOMENT, format="date-time")}, "required": [name]}
    ended = {"properties": {"status": {"enum": ["cancelled", "canceled"]}}, "required": ["status"]}

    def missing(record: Facts) -> str | None:
        if record[name] is not None or meaning(record_kind, record["status"]) in {"cancelled", "done"}:
            return None
        return _("needs {name}, a moment such as 2026-11-23T10:15:00+02:00, unless it is cancelled", name=name)

    return Condition({"anyOf": [moment, ended]}, missing)


def a_last_day(name: str) -> Condition:
    """The last day, or how far it is."""
    day = {"properties": {name: {"type": "string", "minLength": len("2026-11-23")}}, "required": [name]}
    days_left = {"properties": {"days_left": {"type": "integer"}}, "required": ["days_left"]}

    def missing(record: Facts) -> str | None:
        if record[name] is not None or record["days_left"] is not None:
            return None
        return _("needs {name}, a day such as 2026-11-23, or days_left, such as 4 or -1", name=name)

    return Condition({"anyOf": [day, days_left]}, missing)


class Person(Section):
    """A person the CRM finds eligible; the fields of that person's section may be here too.

    `kind` says whose phone it is: a person's, or the one that a proposal, an order or a booking carries. `consent` is
    asked for only by what is marketing; where it is missing, the last one of `contact.saved` counts. `role` is a
    colleague's part in a task.
    """

    model_name = "Recipient"

    kind = Attribute(as_text, RecipientKind, ...)
    id = Attribute(as_text, fields.Id, ...)
    phonenumber = Attribute(as_text, fields.TextOrNumber)
    firstname = Attribute(as_text, fields.TextOrNumber)
    lastname = Attribute(as_text, fields.TextOrNumber)
    locale = Attribute(as_text, fields.Language)
    timezone = Attribute(as_text, fields.Zone)
    consent = Attribute(truth, fields.Flag)
    role = Attribute(as_text, Role)
    #: When the event that named them knew it: the calendar writes it.
    known_at = Attribute(read.moment)


class Record(Section, shown="firstname lastname locale"):
    """Whatever an event speaks of; `version` grows with each change.

    The phone on it may be whom a text goes to: by that name, in that language.
    """

    id = Attribute(as_text, fields.Id, ...)
    version = Attribute(read.version, fields.Version | None)
    status = Attribute(code, fields.TextOrNumber)
    change_id = Attribute(as_text)
    phonenumber = Attribute(as_text)
    timezone = Attribute(as_text)


class Document(Record, shown="link short_url"):
    """A record with a last day. `valid_till`, `last_day` and `expired` are ours: the one that is true holds the day."""

    number = Attribute(as_text, fields.TextOrNumber)
    days_left = Attribute(read.whole)
    days_overdue = Attribute(read.whole)
    valid_till = Attribute(read.day)
    last_day = Attribute(read.day)
    expired = Attribute(read.day)


class Address(Section, shown="street city state zip country"):
    """Where a client is, by law or to be found."""


class Client(Section, shown="phonenumber website country city zip state address vat_number"):
    """The company behind the people."""

    id = Attribute(as_text, fields.Id | None)
    company = Attribute(as_text, fields.TextOrNumber)
    billing = part(Address)
    shipping = part(Address)


class Company(Section, shown="name payment_account mfo passport registration state details signatory"):
    """The account's own company."""


class Entity(Section, shown="name extra_contacts account signatory bank_mfo edrpou ipn head vchasno_email"):
    """The requisites of a client."""


class Contact(Record, shown="title email"):
    """A person of a client; `birthday` may lack its year.

    `consent` to marketing, or its withdrawal (false), is recorded until a newer event says otherwise.
    """

    firstname = Attribute(as_text, fields.TextOrNumber)
    lastname = Attribute(as_text, fields.TextOrNumber)
    phonenumber = Attribute(as_text, fields.TextOrNumber)
    birthday = Attribute(read.birthday, fields.Birthday)
    locale = Attribute(as_text, fields.Language)
    timezone = Attribute(as_text, fields.Zone)
    consent = Attribute(truth, fields.Flag)


class Staff(Section, shown="firstname lastname"):
    """A colleague."""


class Lead(
    Section,
    shown="name email position description phonenumber company state assigned status source link pipeline repeat_deal"
    " repeat_request",
):
    """Somebody who may become a client."""

    id = Attribute(as_text)


class Invoice(Document, shown="sale_agent"):
    """An invoice; money as `{"amount": "1250.00", "currency": "UAH"}`.

    `notice_date` is the day of an overdue notice: each is sent once. `cancel_overdue_reminders` asks for none.
    """

    date = Attribute(read.day, fields.Day)
    duedate = Attribute(read.day, fields.Day)
    notice_date = Attribute(as_text, fields.Day)
    total = Attribute(read.money, fields.Sum)
    subtotal = Attribute(read.money, fields.Sum)
    amount_due = Attribute(read.money, fields.Sum)
    cancel_overdue_reminders = Attribute(is_true, fields.Flag)
    #: Ours: the amount due, unless it is nothing.
    left = Attribute(read.money)


class Payment(Section):
    """A payment of an invoice, in its own currency; `do_not_notify` asks to notify nobody."""

    id = Attribute(as_text, fields.Id, ...)
    total = Attribute(read.money, fields.Sum)
    date = Attribute(read.day, fields.Day)
    do_not_notify = Attribute(is_true, fields.Flag)


class Proposal(Document, shown="assigned proposal_to address state zip country email"):
    """A proposal (commercial offer); `phonenumber` is the phone on it."""

    subject = Attribute(as_text, fields.TextOrNumber)
    datecreated = Attribute(read.day, fields.Day)
    open_till = Attribute(read.day, fields.Day)
    days_left = Attribute(read.whole, fields.DaysLeft)
    total = Attribute(read.money, fields.Sum)
    phonenumber = Attribute(as_text, fields.TextOrNumber)


class Contract(Document, shown="name type description subtotal subtotal_word discount discount_word items"):
    """A contract; what a client may not see, or lies in the bin, is not spoken of to clients."""

    subject = Attribute(as_text, fields.TextOrNumber)
    datecreated = Attribute(read.day, fields.Day)
    datestart = Attribute(read.day, fields.Day)
    dateend = Attribute(read.day, fields.Day)
    days_left = Attribute(read.whole, fields.DaysLeft)
    contract_value = Attribute(read.money, fields.Sum)
    not_visible_to_client = Attribute(is_true, fields.Flag)
    trash = Attribute(is_true, fields.Flag)


class ExpiringProposal(Proposal):
    """A proposal whose last day is near or past: `open_till`, or `days_left`, which wins and is negative once past."""

    condition = a_last_day("open_till")


class ExpiringContract(Contract):
    """A contract whose last day is near or past: `dateend`, or `days_left`, which wins and is negative once past."""

    condition = a_last_day("dateend")


class Comment(Section):
    """A comment; the author's side decides who is notified of it."""

    id = Attribute(as_text, fields.Id, ...)
    author = Attribute(as_text, Literal["staff", "client"], ...)


class Order(
    Record,
    shown="firstname lastname patronymic email assigned description note reason product warehouse pay_type"
    " delivery_method delivery_details delivery_blocks ttn barcode_ttn",
):
    """A stock order; `change_id` names one change of status, `phonenumber` is the phone on it."""

    number = Attribute(as_text, fields.TextOrNumber)
    date = Attribute(read.day, fields.Day)
    change_id = Attribute(as_text, fields.Id | None)
    total = Attribute(read.money, fields.Sum)
    phonenumber = Attribute(as_text, fields.TextOrNumber)


class Position(Section):
    """A change of status of a proposal or an order, which is beside it in its own section; statuses are codes."""

    entity_type = Attribute(code, Literal["proposal", "order"], ...)
    status_from = Attribute(code, fields.TextOrNumber)
    status_to = Attribute(code, Annotated[str, Field(min_length=1, max_length=100)] | int, ...)
    change_id = Attribute(as_text, fields.Id | None)


class Starting(Record, shown="link"):
    """A record with a start that people are reminded of."""

    start = Attribute(read.moment, fields.MomentOrNone)
    end = Attribute(read.moment, fields.MomentOrNone)
    timezone = Attribute(as_text, fields.Zone)
    remind_before = Attribute(read.offsets, Offsets)


class Booking(Starting, shown="client_name service master branch studio"):
    """An entry of the booking journal; `start` carries its offset, `remind_before` its own minutes of reminders.

    Nobody is reminded of one whose `status` is cancelled, or submitted, pending, new, requested or unconfirmed. One
    that is cancelled needs no `start`.
    """

    condition = its_moment("booking", "start")

    phonenumber = Attribute(as_text, fields.TextOrNumber)


class Meeting(Starting, shown="place staff"):
    """A meeting; `start` carries its offset, `remind_before` its own minutes of reminders.

    One whose `status` is cancelled needs no `start`.
    """

    condition = its_moment("meeting", "start")

    subject = Attribute(as_text, fields.TextOrNumber)


class Task(Record, shown="link priority"):
    """A task; `assigned_by_id` is the colleague who gave it and gets no text, `assigned_by` their name."""

    name = Attribute(as_text, fields.TextOrNumber)
    duedate = Attribute(read.day, fields.Day)
    assigned_by = Attribute(as_text, fields.TextOrNumber)
    assigned_by_id = Attribute(as_text, fields.Id | None)


class StaffReminder(Record, shown="relation_name relation_link"):
    """A reminder that a colleague set; `date` is its moment, which one whose `status` is cancelled does not need."""

    condition = its_moment("staff_reminder", "date")

    date = Attribute(read.moment, fields.MomentOrNone)
    timezone = Attribute(as_text, fields.Zone)
    description = Attribute(as_text, fields.TextOrNumber)


class Shortcodes(Section, shown="contracts_nomer_dogovoru"):
    """Ready-made values by shortcode; named is the one that the value of another shortcode may be taken from."""

    @property
    def kept(self) -> Facts:
        return self.json


def people(default: object) -> Attribute[list[Person]]:
    return Attribute(sections(Person), GenericAlias(list, model_of(Person)), default)


class Body(Section):
    """What the `data` of any event may hold."""

    recipients = people(Field(default_factory=list[Any], max_length=RECIPIENTS_MAX))
    client = part(Client, model_of(Client) | None)
    #: Such as the CRM's custom fields, by shortcode without braces; they win over the sections.
    shortcodes = part(Shortcodes, dict[str, fields.TextOrNumber], Field(default_factory=dict[str, Any]))


class Data(Body):
    """An event's `data`, or what the calendar keeps of it."""

    company = part(Company)
    entity = part(Entity)
    lead = part(Lead)
    staff = part(Staff)
    contact = part(Contact)
    invoice = part(Invoice)
    payment = part(Payment)
    proposal = part(Proposal)
    contract = part(Contract)
    comment = part(Comment)
    order = part(Order)
    position = part(Position)
    booking = part(Booking)
    meeting = part(Meeting)
    task = part(Task)
    staff_reminder = part(StaffReminder)
    offset_minutes = Attribute(as_text, fields.Offset | None)
    text = Attribute(as_text, Words | None)
    template = Attribute(as_text, TemplateName | None)
    marketing = Attribute(is_true, Annotated[bool, BeforeValidator(fields.flag)], default=False)
    request_id = Attribute(as_text, fields.Id | None)
    expires_at = Attribute(read.moment, fields.Moment | None)

    def record(self, record_kind: str | None) -> Record:
        """The section of a kind of record; without a kind, an empty one."""
        return getattr(self, record_kind) if record_kind is not None and record_kind in RECORDS else NO_RECORD


SECTIONS: Mapping[str, type[Section]] = {item.name: item.section for item in Data.attributes() if item.section}
RECORDS: Mapping[str, type[Record]] = {name: item for name, item in SECTIONS.items() if issubclass(item, Record)}
NO_RECORD = Record()


def load(record_kind: str | None, json: object) -> Record:
    """A record of this kind as `records` keeps it."""
    return RECORDS.get(record_kind or "", Record)(as_facts(json))

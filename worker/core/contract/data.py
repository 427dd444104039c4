"""What an event says: its people and the records of the CRM, as rules, texts and the clock read them.

The models of `record_schemas` say what is right and are published; these name what is read, custom fields of CRMs too.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import cast

from worker.core.contract import readers as read
from worker.core.contract.attributes import Attribute, Section, part, sections
from worker.core.contract.facts import NOTHING, Facts, as_text, code, is_true


class Person(Section):
    """Somebody the CRM finds eligible; `known_at` is when the event that named them knew it, in the calendar."""

    kind = Attribute(as_text)
    id = Attribute(as_text)
    phonenumber = Attribute(as_text)
    locale = Attribute(as_text)
    timezone = Attribute(as_text)
    consent = Attribute(read.stance)
    role = Attribute(as_text)
    known_at = Attribute(read.moment)


class Record(Section):
    """Whatever an event speaks of; `change_id` names one change of its status."""

    id = Attribute(as_text)
    version = Attribute(read.version)
    status = Attribute(code)
    change_id = Attribute(as_text)
    phonenumber = Attribute(as_text)
    timezone = Attribute(as_text)


class Document(Record):
    """A record with a last day. `valid_till`, `last_day` and `expired` are ours: the one that is true holds the day."""

    number = Attribute(as_text)
    subject = Attribute(as_text)
    link = Attribute(as_text)
    short_url = Attribute(as_text)
    total = Attribute(read.money)
    days_left = Attribute(read.whole)
    days_overdue = Attribute(read.whole)
    valid_till = Attribute(read.day)
    last_day = Attribute(read.day)
    expired = Attribute(read.day)


class Address(Section):
    """Where a client is, by law or to be found."""

    street = Attribute(as_text)
    city = Attribute(as_text)
    state = Attribute(as_text)
    zip = Attribute(as_text)
    country = Attribute(as_text)


class Client(Section):
    """The company behind the people."""

    id = Attribute(as_text)
    company = Attribute(as_text)
    phonenumber = Attribute(as_text)
    website = Attribute(as_text)
    country = Attribute(as_text)
    city = Attribute(as_text)
    zip = Attribute(as_text)
    state = Attribute(as_text)
    address = Attribute(as_text)
    vat_number = Attribute(as_text)
    billing = part(Address)
    shipping = part(Address)


class Company(Section):
    """The account's own company."""

    name = Attribute(as_text)
    payment_account = Attribute(as_text)
    mfo = Attribute(as_text)
    passport = Attribute(as_text)
    registration = Attribute(as_text)
    state = Attribute(as_text)
    details = Attribute(as_text)
    signatory = Attribute(as_text)


class Entity(Section):
    """The requisites of a client."""

    name = Attribute(as_text)
    extra_contacts = Attribute(as_text)
    account = Attribute(as_text)
    signatory = Attribute(as_text)
    bank_mfo = Attribute(as_text)
    edrpou = Attribute(as_text)
    ipn = Attribute(as_text)
    head = Attribute(as_text)
    vchasno_email = Attribute(as_text)


class Contact(Record):
    """A person of a client; the birthday falls in ANY_YEAR."""

    firstname = Attribute(as_text)
    lastname = Attribute(as_text)
    title = Attribute(as_text)
    email = Attribute(as_text)
    birthday = Attribute(read.birthday)
    consent = Attribute(read.stance)


class Staff(Section):
    """A colleague."""

    firstname = Attribute(as_text)
    lastname = Attribute(as_text)


class Lead(Section):
    """Somebody who may become a client."""

    id = Attribute(as_text)
    name = Attribute(as_text)
    email = Attribute(as_text)
    position = Attribute(as_text)
    description = Attribute(as_text)
    phonenumber = Attribute(as_text)
    company = Attribute(as_text)
    state = Attribute(as_text)
    assigned = Attribute(as_text)
    status = Attribute(code)
    source = Attribute(as_text)
    link = Attribute(as_text)
    pipeline = Attribute(as_text)
    repeat_deal = Attribute(as_text)
    repeat_request = Attribute(as_text)


class Invoice(Document):
    """An invoice; `left` is ours: the amount due, unless it is nothing."""

    date = Attribute(read.day)
    duedate = Attribute(read.day)
    notice_date = Attribute(as_text)
    sale_agent = Attribute(as_text)
    subtotal = Attribute(read.money)
    amount_due = Attribute(read.money)
    left = Attribute(read.money)
    cancel_overdue_reminders = Attribute(is_true)


class Payment(Section):
    """A payment of an invoice."""

    id = Attribute(as_text)
    total = Attribute(read.money)
    date = Attribute(read.day)
    do_not_notify = Attribute(is_true)


class Proposal(Document):
    """A proposal (commercial offer)."""

    datecreated = Attribute(read.day)
    open_till = Attribute(read.day)
    assigned = Attribute(as_text)
    proposal_to = Attribute(as_text)
    address = Attribute(as_text)
    state = Attribute(as_text)
    zip = Attribute(as_text)
    country = Attribute(as_text)
    email = Attribute(as_text)


class Contract(Document):
    """A contract."""

    name = Attribute(as_text)
    type = Attribute(as_text)
    description = Attribute(as_text)
    datecreated = Attribute(read.day)
    datestart = Attribute(read.day)
    dateend = Attribute(read.day)
    contract_value = Attribute(read.money)
    subtotal = Attribute(read.money)
    subtotal_word = Attribute(as_text)
    discount = Attribute(read.money)
    discount_word = Attribute(as_text)
    items = Attribute(as_text)
    not_visible_to_client = Attribute(is_true)
    trash = Attribute(is_true)


class Comment(Section):
    """A comment; `author` is the side it comes from."""

    id = Attribute(as_text)
    author = Attribute(as_text)


class Order(Record):
    """A stock order."""

    number = Attribute(as_text)
    date = Attribute(read.day)
    total = Attribute(read.money)
    firstname = Attribute(as_text)
    lastname = Attribute(as_text)
    patronymic = Attribute(as_text)
    email = Attribute(as_text)
    assigned = Attribute(as_text)
    description = Attribute(as_text)
    note = Attribute(as_text)
    reason = Attribute(as_text)
    product = Attribute(as_text)
    warehouse = Attribute(as_text)
    pay_type = Attribute(as_text)
    delivery_method = Attribute(as_text)
    delivery_details = Attribute(as_text)
    delivery_blocks = Attribute(as_text)
    ttn = Attribute(as_text)
    barcode_ttn = Attribute(as_text)


class Position(Section):
    """A change of status of a proposal or an order; statuses are codes."""

    entity_type = Attribute(code)
    status_from = Attribute(code)
    status_to = Attribute(code)
    change_id = Attribute(as_text)


class Starting(Record):
    """A record with a start that people are reminded of."""

    start = Attribute(read.moment)
    end = Attribute(read.moment)
    remind_before = Attribute(read.offsets)
    link = Attribute(as_text)


class Booking(Starting):
    """An entry of the booking journal."""

    client_name = Attribute(as_text)
    service = Attribute(as_text)
    master = Attribute(as_text)
    branch = Attribute(as_text)
    studio = Attribute(as_text)


class Meeting(Starting):
    """A meeting."""

    subject = Attribute(as_text)
    place = Attribute(as_text)
    staff = Attribute(as_text)


class Task(Record):
    """A task; `assigned_by` names the colleague who gave it."""

    name = Attribute(as_text)
    link = Attribute(as_text)
    duedate = Attribute(read.day)
    priority = Attribute(as_text)
    assigned_by = Attribute(as_text)
    assigned_by_id = Attribute(as_text)


class StaffReminder(Record):
    """A reminder that a colleague set; `date` is its moment."""

    date = Attribute(read.moment)
    description = Attribute(as_text)
    relation_name = Attribute(as_text)
    relation_link = Attribute(as_text)


class Shortcodes(Section):
    """Ready-made values by shortcode; named is the one that the value of another shortcode may be taken from."""

    contracts_nomer_dogovoru = Attribute(as_text)


class Data(Section):
    """An event's `data`, or what the calendar keeps of it."""

    recipients = Attribute(sections(Person))
    shortcodes = part(Shortcodes)
    client = part(Client)
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
    offset_minutes = Attribute(as_text)
    text = Attribute(as_text)
    template = Attribute(as_text)
    marketing = Attribute(is_true)
    request_id = Attribute(as_text)
    expires_at = Attribute(read.moment)

    def record(self, record_kind: str | None) -> Record:
        """The section of a kind of record; without a kind, an empty one."""
        return getattr(self, record_kind) if record_kind is not None and record_kind in RECORDS else NO_RECORD


#: The sections that are records, by kind.
RECORDS: Mapping[str, type[Record]] = MappingProxyType(
    {
        "booking": Booking,
        "contact": Contact,
        "contract": Contract,
        "invoice": Invoice,
        "meeting": Meeting,
        "order": Order,
        "proposal": Proposal,
        "staff_reminder": StaffReminder,
        "task": Task,
    }
)

#: Of an event that speaks of no record.
NO_RECORD = Record()


def load(record_kind: str | None, json: object) -> Record:
    """A record of this kind as `records` keeps it."""
    return RECORDS.get(record_kind or "", Record)(cast("Facts", json) if isinstance(json, dict) else NOTHING)

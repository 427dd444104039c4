"""What an event says: its people and the records of the CRM, as rules, texts and the clock read them.

The models of `sections` say what is right and are published; these name what is read, custom fields of CRMs too.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import cast

from worker.core.contract import readers as read
from worker.core.contract.attributes import Attribute, Section, part, sections
from worker.core.contract.facts import NOTHING, Facts, code, is_true, word


class Person(Section):
    """Somebody the CRM finds eligible; `known_at` is when the event that named them knew it, in the calendar."""

    kind = Attribute(word)
    id = Attribute(word)
    phonenumber = Attribute(word)
    locale = Attribute(word)
    timezone = Attribute(word)
    consent = Attribute(read.stance)
    role = Attribute(word)
    known_at = Attribute(read.moment)


class Record(Section):
    """Whatever an event speaks of; `change_id` names one change of its status."""

    id = Attribute(word)
    version = Attribute(read.version)
    status = Attribute(code)
    change_id = Attribute(word)
    phonenumber = Attribute(word)
    timezone = Attribute(word)


class Document(Record):
    """A record with a last day. `valid_till`, `last_day` and `expired` are ours: the one that is true holds the day."""

    number = Attribute(word)
    subject = Attribute(word)
    link = Attribute(word)
    short_url = Attribute(word)
    total = Attribute(read.money)
    days_left = Attribute(read.whole)
    days_overdue = Attribute(read.whole)
    valid_till = Attribute(read.day)
    last_day = Attribute(read.day)
    expired = Attribute(read.day)


class Address(Section):
    """Where a client is, by law or to be found."""

    street = Attribute(word)
    city = Attribute(word)
    state = Attribute(word)
    zip = Attribute(word)
    country = Attribute(word)


class Client(Section):
    """The company behind the people."""

    id = Attribute(word)
    company = Attribute(word)
    phonenumber = Attribute(word)
    website = Attribute(word)
    country = Attribute(word)
    city = Attribute(word)
    zip = Attribute(word)
    state = Attribute(word)
    address = Attribute(word)
    vat_number = Attribute(word)
    billing = part(Address)
    shipping = part(Address)


class Company(Section):
    """The account's own company."""

    name = Attribute(word)
    payment_account = Attribute(word)
    mfo = Attribute(word)
    passport = Attribute(word)
    registration = Attribute(word)
    state = Attribute(word)
    details = Attribute(word)
    signatory = Attribute(word)


class Entity(Section):
    """The requisites of a client."""

    name = Attribute(word)
    extra_contacts = Attribute(word)
    account = Attribute(word)
    signatory = Attribute(word)
    bank_mfo = Attribute(word)
    edrpou = Attribute(word)
    ipn = Attribute(word)
    head = Attribute(word)
    vchasno_email = Attribute(word)


class Contact(Record):
    """A person of a client; the birthday falls in ANY_YEAR."""

    firstname = Attribute(word)
    lastname = Attribute(word)
    title = Attribute(word)
    email = Attribute(word)
    birthday = Attribute(read.birthday)
    consent = Attribute(read.stance)


class Staff(Section):
    """A colleague."""

    firstname = Attribute(word)
    lastname = Attribute(word)


class Lead(Section):
    """Somebody who may become a client."""

    id = Attribute(word)
    name = Attribute(word)
    email = Attribute(word)
    position = Attribute(word)
    description = Attribute(word)
    phonenumber = Attribute(word)
    company = Attribute(word)
    state = Attribute(word)
    assigned = Attribute(word)
    status = Attribute(code)
    source = Attribute(word)
    link = Attribute(word)
    pipeline = Attribute(word)
    repeat_deal = Attribute(word)
    repeat_request = Attribute(word)


class Invoice(Document):
    """An invoice; `left` is ours: the amount due, unless it is nothing."""

    date = Attribute(read.day)
    duedate = Attribute(read.day)
    notice_date = Attribute(word)
    sale_agent = Attribute(word)
    subtotal = Attribute(read.money)
    amount_due = Attribute(read.money)
    left = Attribute(read.money)
    cancel_overdue_reminders = Attribute(is_true)


class Payment(Section):
    """A payment of an invoice."""

    id = Attribute(word)
    total = Attribute(read.money)
    date = Attribute(read.day)
    do_not_notify = Attribute(is_true)


class Proposal(Document):
    """A proposal (commercial offer)."""

    datecreated = Attribute(read.day)
    open_till = Attribute(read.day)
    assigned = Attribute(word)
    proposal_to = Attribute(word)
    address = Attribute(word)
    state = Attribute(word)
    zip = Attribute(word)
    country = Attribute(word)
    email = Attribute(word)


class Contract(Document):
    """A contract."""

    name = Attribute(word)
    type = Attribute(word)
    description = Attribute(word)
    datecreated = Attribute(read.day)
    datestart = Attribute(read.day)
    dateend = Attribute(read.day)
    contract_value = Attribute(read.money)
    subtotal = Attribute(read.money)
    subtotal_word = Attribute(word)
    discount = Attribute(read.money)
    discount_word = Attribute(word)
    items = Attribute(word)
    not_visible_to_client = Attribute(is_true)
    trash = Attribute(is_true)


class Comment(Section):
    """A comment; `author` is the side it comes from."""

    id = Attribute(word)
    author = Attribute(word)


class Order(Record):
    """A stock order."""

    number = Attribute(word)
    date = Attribute(read.day)
    total = Attribute(read.money)
    firstname = Attribute(word)
    lastname = Attribute(word)
    patronymic = Attribute(word)
    email = Attribute(word)
    assigned = Attribute(word)
    description = Attribute(word)
    note = Attribute(word)
    reason = Attribute(word)
    product = Attribute(word)
    warehouse = Attribute(word)
    pay_type = Attribute(word)
    delivery_method = Attribute(word)
    delivery_details = Attribute(word)
    delivery_blocks = Attribute(word)
    ttn = Attribute(word)
    barcode_ttn = Attribute(word)


class Position(Section):
    """A change of status of a proposal or an order; statuses are codes."""

    entity_type = Attribute(code)
    status_from = Attribute(code)
    status_to = Attribute(code)
    change_id = Attribute(word)


class Starting(Record):
    """A record with a start that people are reminded of."""

    start = Attribute(read.moment)
    end = Attribute(read.moment)
    remind_before = Attribute(read.offsets)
    link = Attribute(word)


class Booking(Starting):
    """An entry of the booking journal."""

    client_name = Attribute(word)
    service = Attribute(word)
    master = Attribute(word)
    branch = Attribute(word)
    studio = Attribute(word)


class Meeting(Starting):
    """A meeting."""

    subject = Attribute(word)
    place = Attribute(word)
    staff = Attribute(word)


class Task(Record):
    """A task; `assigned_by` names the colleague who gave it."""

    name = Attribute(word)
    link = Attribute(word)
    duedate = Attribute(read.day)
    priority = Attribute(word)
    assigned_by = Attribute(word)
    assigned_by_id = Attribute(word)


class StaffReminder(Record):
    """A reminder that a colleague set; `date` is its moment."""

    date = Attribute(read.moment)
    description = Attribute(word)
    relation_name = Attribute(word)
    relation_link = Attribute(word)


class Shortcodes(Section):
    """Ready-made values by shortcode; named is the one that the value of another shortcode may be taken from."""

    contracts_nomer_dogovoru = Attribute(word)


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
    offset_minutes = Attribute(word)
    text = Attribute(word)
    template = Attribute(word)
    marketing = Attribute(is_true)
    request_id = Attribute(word)
    expires_at = Attribute(read.moment)

    def record(self, event_type: str | None) -> Record:
        """The section of a kind of record; without a kind, an empty one."""
        return getattr(self, event_type) if event_type is not None and event_type in RECORDS else NO_RECORD


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


def load(event_type: str | None, json: object) -> Record:
    """A record of this kind as `records` keeps it."""
    return RECORDS.get(event_type or "", Record)(cast("Facts", json) if isinstance(json, dict) else NOTHING)

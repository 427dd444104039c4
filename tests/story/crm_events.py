"""Events of the CRM of a story: facts to send, and later changes of their records."""

from dataclasses import dataclass
from typing import Literal

from tests.support.crm import Json, booking, event, invoice, order, payment, person

RecordKind = Literal["invoice", "order", "booking"]
RECORD_KINDS: tuple[RecordKind, ...] = ("invoice", "order", "booking")
EVENT_TYPES = {"invoice": "invoice.overdue", "order": "order.created", "booking": "booking.submitted"}
CHANGES = {"invoice": "invoice.payment_recorded", "order": "order.approved", "booking": "booking.confirmed"}
RECIPIENT_KINDS = {"invoice": "contact", "order": "order", "booking": "booking"}
#: As the provider writes them.
PHONES = tuple(f"38067000000{number}" for number in range(4))


@dataclass(frozen=True, slots=True)
class CrmEvent:
    """A fact to send to these people of an account; the same number makes the same text."""

    account: str
    record_kind: RecordKind
    people: frozenset[int]
    number: int


def event_body(crm_event: CrmEvent) -> Json:
    """The event of the fact, with a new record."""
    record_kind = crm_event.record_kind
    made = {"invoice": invoice, "order": lambda: order()["order"], "booking": lambda: booking()["booking"]}[
        record_kind
    ]()
    recipients = [
        person(RECIPIENT_KINDS[record_kind], f"+{PHONES[number]}", id=str(number))
        for number in sorted(crm_event.people)
    ]
    record = {**made, "number": str(crm_event.number), "version": 1}
    return event(EVENT_TYPES[record_kind], account=crm_event.account, recipients=recipients, **{record_kind: record})


def changed(body: Json, *, status: str, version: int) -> Json:
    """A later state of the same record, which sends nothing."""
    record_kind = record_kind_of(body)
    record = {**body["data"][record_kind], "version": version, "status": status, "number": f"N{version}"}
    more = {"payment": payment()} if record_kind == "invoice" else {}
    return event(CHANGES[record_kind], account=account_of(body), recipients=[], **{record_kind: record}, **more)


def record_kind_of(body: Json) -> RecordKind:
    return next(record_kind for record_kind in RECORD_KINDS if record_kind in body["data"])


def account_of(body: Json) -> str:
    return body["source"].removeprefix("/accounts/")


def record_of(body: Json) -> tuple[str, str]:
    """The account and the id of the record that an event speaks of."""
    return account_of(body), body["data"][record_kind_of(body)]["id"]

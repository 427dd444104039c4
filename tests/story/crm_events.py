"""What the CRM of a story says: somebody is to be told, and later that things have changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tests.support.crm import Json, booking, event, invoice, order, payment, person

Kind = Literal["invoice", "order", "booking"]
KINDS: tuple[Kind, ...] = ("invoice", "order", "booking")
TELLS = {"invoice": "invoice.overdue", "order": "order.created", "booking": "booking.submitted"}
CHANGES = {"invoice": "invoice.payment_recorded", "order": "order.approved", "booking": "booking.confirmed"}
HEARS = {"invoice": "contact", "order": "order", "booking": "booking"}
#: As the provider writes them.
PHONES = tuple(f"38067000000{number}" for number in range(4))


@dataclass(frozen=True, slots=True)
class Telling:
    """Something that these people of an account are to hear of; the same number makes the same text."""

    account: str
    kind: Kind
    people: frozenset[int]
    number: int


def told(telling: Telling) -> Json:
    """The event that says so, of a new record."""
    kind = telling.kind
    made = {"invoice": invoice, "order": lambda: order()["order"], "booking": lambda: booking()["booking"]}[kind]()
    recipients = [person(HEARS[kind], f"+{PHONES[one]}", id=str(one)) for one in sorted(telling.people)]
    record = {**made, "number": str(telling.number), "version": 1}
    return event(TELLS[kind], account=telling.account, recipients=recipients, **{kind: record})


def changed(said: Json, *, status: str, version: int) -> Json:
    """The same record later on; nobody hears of that."""
    kind = kind_of(said)
    record = {**said["data"][kind], "version": version, "status": status, "number": f"N{version}"}
    more = {"payment": payment()} if kind == "invoice" else {}
    return event(CHANGES[kind], account=account_of(said), recipients=[], **{kind: record}, **more)


def kind_of(said: Json) -> Kind:
    return next(kind for kind in KINDS if kind in said["data"])


def account_of(said: Json) -> str:
    return said["source"].removeprefix("/accounts/")


def record_of(said: Json) -> tuple[str, str]:
    """The account and the id of the record that an event speaks of."""
    return account_of(said), said["data"][kind_of(said)]["id"]

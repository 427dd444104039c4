"""Events of about 2 KB as a busy CRM publishes them: five types, four accounts, each text different."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from worker.amqp.topology import EVENTS_EXCHANGE
from worker.core.contract.event_types import CONTENT_TYPE

Json = dict[str, Any]

#: In the proportions of a day: mostly invoices, some orders and bookings, which are urgent.
TYPES = (
    *("invoice.payment_recorded",) * 4,
    *("invoice.overdue",) * 2,
    "proposal.comment_added",
    *("order.created",) * 2,
    "booking.confirmed",
)
RECIPIENTS = {"proposal.comment_added": "proposal", "order.created": "order", "booking.confirmed": "booking"}
PREFIXES = ("067", "050", "063", "095", "097")
PHONES = 1_000_000
FIRST_NAMES = ("Олена", "Тарас", "Наталія", "Андрій", "Ірина", "Богдан", "Соломія", "Юрій")
LAST_NAMES = ("Дем'янюк", "Шевченко", "Коваленко", "Бондаренко", "Ткаченко", "Кравчук")
NOTE = "Передзвонити клієнту після обіду, узгодити дату доставки та уточнити реквізити для рахунку-фактури."


@dataclass(frozen=True, slots=True)
class Event:
    """An event to publish; `mark` is in its text and nowhere else."""

    routing_key: str
    body: bytes
    mark: str
    exchange: str = EVENTS_EXCHANGE
    content_type: str = CONTENT_TYPE
    content_encoding: str | None = None
    headers: Mapping[str, str | int] | None = None
    correlation_id: str | None = None


def events(first: int, count: int, *, accounts: int, now: datetime) -> Iterator[Event]:
    """Events numbered from `first`, each for a person, who gets one text."""
    for number in range(first, first + count):
        yield event(number, f"bench-{number % accounts}", now)


def event(number: int, account: str, now: datetime) -> Event:
    """One event."""
    event_type = TYPES[number // 7 % len(TYPES)]
    mark = f"N{number:08}"
    body = {
        "specversion": "1.0",
        "id": str(uuid.UUID(int=number)),
        "source": f"/accounts/{account}",
        "type": event_type,
        "time": now.isoformat(timespec="milliseconds"),
        "datacontenttype": "application/json",
        "data": {
            "recipients": [person(number, RECIPIENTS.get(event_type, "contact"))],
            "client": client(number),
            "company": {"name": "ТОВ «Ромашка»", "phone": "044 123 45 67", "site": "https://romashka.example.ua"},
            **record(event_type, number, mark, now),
            "shortcodes": {"customers_yedrpou": f"{30_000_000 + number}", "customers_manager": "Оксана Мельник"},
        },
    }
    return Event(f"{account}.{event_type}", orjson.dumps(body), mark)


def person(number: int, recipient_kind: str) -> Json:
    """The recipient; a million different phones, written as people write them."""
    rest = f"{number % PHONES:07}"
    return {
        "kind": recipient_kind,
        "id": str(number),
        "phonenumber": f"{PREFIXES[number % len(PREFIXES)]} {rest[:3]} {rest[3:5]} {rest[5:]}",
        "firstname": FIRST_NAMES[number % len(FIRST_NAMES)],
        "lastname": LAST_NAMES[number % len(LAST_NAMES)],
        "email": f"client{number}@example.ua",
        "title": "Директорка з розвитку",
        "locale": "uk",
    }


def client(number: int) -> Json:
    """The company behind that person, as a CRM that knows much of it publishes it."""
    return {
        "id": str(number % 5_000),
        "company": f"ТОВ «Будівельна мережа {number % 5_000}»",
        "city": "Київ",
        "address": "вул. Велика Васильківська, 72, офіс 14",
        "zip": "03150",
        "phonenumber": "044 234 56 78",
        "website": "https://client.example.ua",
        "billing": {"street": "вул. Велика Васильківська, 72", "city": "Київ", "zip": "03150", "country": "UA"},
        "note": NOTE,
    }


def record(event_type: str, number: int, mark: str, now: datetime) -> Json:
    """The sections that a type speaks of."""
    match event_type:
        case "invoice.overdue":
            return {"invoice": invoice(number, mark, "overdue", "1250.00")}
        case "invoice.payment_recorded":
            payment = {
                "id": str(number),
                "total": money(f"{number % 9_000}.50"),
                "date": "2026-11-23",
                "mode": "Privat24",
            }
            return {"invoice": invoice(number, mark, "paid", "0.00"), "payment": payment}
        case "proposal.comment_added":
            proposal = {
                "id": str(number),
                "number": mark,
                "subject": NOTE,
                "link": f"https://crm.example.ua/p/{number}",
            }
            return {"proposal": proposal, "comment": {"id": str(number), "author": "staff", "content": NOTE}}
        case "booking.confirmed":
            start = (now + timedelta(days=2)).astimezone(UTC).isoformat(timespec="seconds")
            booking = {"id": str(number), "start": start, "branch": f"Центр {mark}", "comment": NOTE, "version": 2}
            return {"booking": {**booking, "services": [line(nth) for nth in range(2)]}}
        case _:
            order = {"id": str(number), "number": mark, "version": 1, "status": "new", "comment": NOTE}
            return {"order": {**order, "total": money("990.00"), "lines": [line(nth) for nth in range(3)]}}


def invoice(number: int, mark: str, status: str, due: str) -> Json:
    """An invoice with its lines, which no template needs and every CRM sends."""
    return {
        "id": str(number),
        "version": 4,
        "number": mark,
        "date": "2026-11-01",
        "duedate": "2026-11-20",
        "status": status,
        "total": money(f"{1_000 + number % 9_000}.00"),
        "subtotal": money(f"{1_000 + number % 9_000}.00"),
        "amount_due": money(due),
        "link": f"https://crm.example.ua/i/{number}",
        "lines": [line(nth) for nth in range(3)],
    }


def line(nth: int) -> Json:
    """A line of an invoice or an order."""
    return {
        "sku": f"SKU-{nth:05}",
        "name": "Цегла керамічна повнотіла М-150",
        "quantity": 100 + nth,
        "price": money("7.40"),
    }


def money(amount: str) -> Json:
    """An amount of hryvnias."""
    return {"amount": amount, "currency": "UAH"}

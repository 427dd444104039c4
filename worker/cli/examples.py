"""A valid event of each type, as a Ukrainian CRM would publish it: fresh ids, so that each one is news."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

DAY = timedelta(days=1)
PHONE = "067 123 45 67"
CLIENT = {"id": "5", "company": "ТОВ «Ромашка»", "city": "Київ"}
COMPANY = {"name": "ТОВ «Мрія»"}


def example(event_type: str, *, account: str, phone: str, now: datetime) -> dict[str, object]:
    """One event of this type.

    Args:
        event_type: a name of `worker.core.catalogue.TYPES`.
        account: whose it is.
        phone: of the person who shall hear of it.
        now: when it happens, in the zone it shall be written in.
    """
    number = 10_000 + secrets.randbelow(90_000)
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": f"/accounts/{account}",
        "type": event_type,
        "time": now.isoformat(timespec="seconds"),
        "datacontenttype": "application/json",
        "data": {
            "recipients": [person(event_type, phone)],
            "client": CLIENT,
            "company": COMPANY,
            **RECORDS[event_type.partition(".")[0]](event_type, number, now),
        },
    }


def person(event_type: str, phone: str) -> Mapping[str, object]:
    """Who hears of it."""
    kind = {"order": "order", "booking": "booking", "proposal": "proposal"}.get(event_type.partition(".")[0], "contact")
    return {"kind": kind, "id": "17", "phonenumber": phone, "firstname": "Олена", "lastname": "Дем'янюк"}


def invoice(event_type: str, number: int, now: datetime) -> Mapping[str, object]:
    """An invoice, paid or overdue by five days."""
    is_paid = event_type == "invoice.payment_recorded"
    record = {
        "id": str(number),
        "version": 2,
        "number": f"INV-{number:06}",
        "date": (now - 19 * DAY).date().isoformat(),
        "duedate": (now - 5 * DAY).date().isoformat(),
        "status": "paid" if is_paid else "overdue",
        "total": money("1250.00"),
        "amount_due": money("0.00" if is_paid else "1250.00"),
        "link": f"https://crm.example.com.ua/i/{number}",
    }
    payment = {"id": f"p-{number}", "total": money("1250.00"), "date": now.date().isoformat()}
    return {"invoice": record, "payment": payment} if is_paid else {"invoice": record}


def proposal(_event_type: str, number: int, now: datetime) -> Mapping[str, object]:
    """A proposal on which our side commented."""
    record = {
        "id": str(number),
        "version": 1,
        "number": f"PRO-{number:06}",
        "subject": "Постачання кавових машин",
        "open_till": (now + 14 * DAY).date().isoformat(),
        "status": "sent",
        "addressee": CLIENT["company"],
        "link": f"https://crm.example.com.ua/p/{number}",
    }
    return {"proposal": record, "comment": {"id": f"c-{number}", "author": "staff"}}


def order(event_type: str, number: int, now: datetime) -> Mapping[str, object]:
    """An order in the state that the type tells of."""
    status = event_type.partition(".")[2]
    record = {
        "id": str(number),
        "version": 1,
        "number": str(number),
        "change_id": f"{status}-{number}",
        "status": "new" if status == "created" else status,
        "date": now.date().isoformat(),
        "delivery_method": "Нова пошта, відділення 12",
        "product": "Кава зернова, 1 кг",
        "total": money("890.00"),
    }
    return {"order": record}


def booking(event_type: str, number: int, now: datetime) -> Mapping[str, object]:
    """A booking for the day after tomorrow, half past three."""
    start = (now + 2 * DAY).replace(hour=15, minute=30, second=0, microsecond=0)
    record = {
        "id": str(number),
        "version": 1,
        "status": event_type.partition(".")[2],
        "start": start.isoformat(timespec="seconds"),
        "timezone": "Europe/Kyiv",
        "client_name": "Олена",
        "service": "Стрижка",
        "branch": "філія на Подолі",
    }
    return {"booking": record}


def money(amount: str) -> Mapping[str, str]:
    """Hryvnias."""
    return {"amount": amount, "currency": "UAH"}


RECORDS = {"invoice": invoice, "proposal": proposal, "order": order, "booking": booking}

"""The records that example events speak of, each as a Ukrainian CRM would have it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

Json = Mapping[str, Any]

DAY = timedelta(days=1)
SITE = "https://crm.example.com.ua"
CLIENT: Json = {"id": "5", "company": "ТОВ «Ромашка»", "city": "Київ"}
#: The colleague who gives the tasks, and the one who gets them.
CHIEF, COLLEAGUE = "2", "17"


def invoice(number: int, now: datetime, status: str = "overdue") -> Json:
    return {
        "id": str(number),
        "version": 2,
        "number": f"INV-{number:06}",
        "date": day(now, -19),
        "duedate": day(now, -5),
        "status": status,
        "total": money("1250.00"),
        "amount_due": money("0.00" if status == "paid" else "1250.00"),
        "link": f"{SITE}/i/{number}",
    }


def payment(number: int, now: datetime) -> Json:
    return {"id": f"p-{number}", "total": money("1250.00"), "date": day(now, 0)}


def proposal(number: int, now: datetime) -> Json:
    return {
        "id": str(number),
        "version": 1,
        "number": f"PRO-{number:06}",
        "subject": "Постачання кавових машин",
        "datecreated": day(now, -10),
        "open_till": day(now, 4),
        "status": "sent",
        "proposal_to": CLIENT["company"],
        "total": money("48000.00"),
        "link": f"{SITE}/p/{number}",
    }


def contract(number: int, now: datetime) -> Json:
    return {
        "id": str(number),
        "version": 1,
        "number": f"{number}/26",
        "subject": "Обслуговування кавових машин",
        "datestart": day(now, -361),
        "dateend": day(now, 4),
        "contract_value": money("96000.00"),
        "link": f"{SITE}/c/{number}",
    }


def order(number: int, now: datetime, status: str = "new") -> Json:
    return {
        "id": str(number),
        "version": 1,
        "number": str(number),
        "change_id": f"{status}-{number}",
        "status": status,
        "date": day(now, 0),
        "delivery_method": "Нова пошта, відділення 12",
        "product": "Кава зернова, 1 кг",
        "total": money("890.00"),
    }


def booking(number: int, now: datetime, status: str = "confirmed") -> Json:
    return {
        "id": str(number),
        "version": 1,
        "status": status,
        "start": at(now + 2 * DAY, hour=15, minute=30),
        "timezone": "Europe/Kyiv",
        "remind_before": [1440, 120],
        "client_name": "Олена",
        "service": "Стрижка",
        "branch": "філія на Подолі",
    }


def meeting(number: int, now: datetime) -> Json:
    return {
        "id": str(number),
        "version": 1,
        "status": "planned",
        "subject": "Добір кавової машини",
        "start": at(now + DAY, hour=11, minute=0),
        "timezone": "Europe/Kyiv",
        "remind_before": [1440],
        "place": "вул. Хрещатик, 1",
    }


def contact(number: int, now: datetime) -> Json:
    return {
        "id": str(number),
        "version": 1,
        "firstname": "Олена",
        "lastname": "Дем'янюк",
        "birthday": f"--{now:%m-%d}",
        "consent": True,
    }


def task(number: int, now: datetime) -> Json:
    return {
        "id": str(number),
        "version": 1,
        "name": "Підготувати договір для ТОВ «Ромашка»",
        "duedate": day(now, 3),
        "status": "new",
        "assigned_by": "Ірина Коваль",
        "assigned_by_id": CHIEF,
        "link": f"{SITE}/tasks/{number}",
    }


def staff_reminder(number: int, now: datetime) -> Json:
    return {
        "id": str(number),
        "version": 1,
        "date": now.isoformat(timespec="seconds"),
        "description": "Зателефонувати Олені щодо договору",
        "relation_name": CLIENT["company"],
    }


def day(now: datetime, days: int) -> str:
    return (now + days * DAY).date().isoformat()


def at(moment: datetime, *, hour: int, minute: int) -> str:
    return moment.replace(hour=hour, minute=minute, second=0, microsecond=0).isoformat(timespec="seconds")


def money(amount: str) -> Json:
    return {"amount": amount, "currency": "UAH"}


RECORDS: Mapping[str, Callable[[int, datetime], Json]] = {
    "booking": booking,
    "contact": contact,
    "contract": contract,
    "invoice": invoice,
    "meeting": meeting,
    "order": order,
    "proposal": proposal,
    "staff_reminder": staff_reminder,
    "task": task,
}

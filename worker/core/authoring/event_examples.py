"""A valid event of each type, as a Ukrainian CRM would publish it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from worker.core.clock.kyiv_time import KYIV
from worker.core.reminders.calendar_entry import DATED
from worker.core.triggers.catalogue import BY_EVENT, BY_ID, TYPES
from worker.core.triggers.trigger import Trigger

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
        "open_till": day(now, 30),
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
        "dateend": day(now, 30),
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


PHONE = "067 123 45 67"
#: The moment and the record of every example that is shown, so that the same contract gives the same bytes.
SHOWN_AT = datetime(2026, 11, 23, 10, 15, tzinfo=KYIV)
SHOWN_NUMBER = 1042
ADDRESSEE: Json = {"firstname": "Олена", "lastname": "Дем'янюк"}
COMPANY: Json = {"name": "ТОВ «Мрія»"}
#: Who is written to, where the first of those who may is not the one to be shown.
RECIPIENT_EXAMPLES: Mapping[str, str] = {
    "contract.comment_added": "contact",
    "meeting.reminder_due": "contact",
    "position.status_changed": "proposal",
    "proposal.comment_added": "proposal",
    "proposal.overdue": "contact",
    "proposal.saved": "contact",
    "sms.send_requested": "contact",
}


def shown(event_type: str) -> Json:
    """An event of a type, always the same."""
    name = f"{event_type}-{SHOWN_NUMBER}"
    return example_of(event_type, account="demo", phone=PHONE, now=SHOWN_AT, number=SHOWN_NUMBER, name=name)


def example_of(event_type: str, *, account: str, phone: str, now: datetime, number: int, name: str) -> Json:
    """Make an event of this type and id that is written to this phone, about a record of this number."""
    data = {**people(event_type, phone), "client": CLIENT, "company": COMPANY, **facts(event_type, number, now)}
    return envelope(name, event_type, account, data, now=now)


def envelope(event_id: str, event_type: str, account: str, data: Json, *, now: datetime) -> Json:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": f"/accounts/{account}",
        "type": event_type,
        "time": now.isoformat(timespec="seconds"),
        "datacontenttype": "application/json",
        "data": data,
    }


def people(event_type: str, phone: str) -> Json:
    triggers = BY_EVENT[event_type] or reminding(event_type)
    if not triggers:
        return {}
    recipient_kind = RECIPIENT_EXAMPLES.get(event_type) or min(triggers[0].recipient_kinds)
    person = {"kind": recipient_kind, "id": COLLEAGUE, "phonenumber": phone, **ADDRESSEE}
    return {"recipients": [{**person, **MORE.get(event_type, {})}]}


def reminding(event_type: str) -> tuple[Trigger, ...]:
    """The trigger that the clock sets off later, for the people whom a saved record names."""
    record, _, verb = event_type.partition(".")
    return (BY_ID[DATED[record].trigger],) if verb == "saved" else ()


MORE: Mapping[str, Json] = {
    "contact.saved": {"consent": True},
    "contact.birthday": {"consent": True},
    "sms.send_requested": {"consent": True},
    "task.assigned": {"role": "assignee"},
}


def facts(event_type: str, number: int, now: datetime) -> Json:
    """Give the record of an event, and what else it holds beside people."""
    if event_type in FACTS:
        return FACTS[event_type](number, now)
    record = TYPES[event_type].record or ""
    if TYPES[event_type].is_deletion:
        return {record: {"id": str(number), "version": 3}}
    return {record: RECORDS[record](number, now)}


def comment(number: int) -> Json:
    return {"id": f"c-{number}", "author": "staff"}


FACTS: Mapping[str, Callable[[int, datetime], Json]] = {
    "invoice.payment_recorded": lambda number, now: {
        "invoice": invoice(number, now, "paid"),
        "payment": payment(number, now),
    },
    "proposal.overdue": lambda number, now: {
        "proposal": {**proposal(number, now), "open_till": day(now, 4), "days_left": 4}
    },
    "position.status_changed": lambda number, now: {
        "position": {"entity_type": "proposal", "status_from": "1", "status_to": "4", "change_id": f"s-{number}"},
        "proposal": {**proposal(number, now), "status": "4"},
    },
    "proposal.comment_added": lambda number, now: {"proposal": proposal(number, now), "comment": comment(number)},
    "contract.comment_added": lambda number, now: {"contract": contract(number, now), "comment": comment(number)},
    "contract.overdue": lambda number, now: {
        "contract": {**contract(number, now), "dateend": day(now, 4), "days_left": 4}
    },
    "meeting.reminder_due": lambda number, now: {"meeting": meeting(number, now), "offset_minutes": 1440},
    "order.approved": lambda number, now: {"order": order(number, now, "approved")},
    "order.cancelled": lambda number, now: {"order": order(number, now, "cancelled")},
    "booking.submitted": lambda number, now: {"booking": booking(number, now, "submitted")},
    "booking.reminder_due": lambda number, now: {"booking": booking(number, now), "offset_minutes": 1440},
    "sms.send_requested": lambda number, _now: {
        "text": "{contact_firstname}, ваше замовлення вже чекає на вас. {company_name}",
        "request_id": f"r-{number}",
    },
}

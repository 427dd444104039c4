"""The demo's first CRM: invoices, proposals, contracts, and colleagues who are told of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from worker.cli.demo.expectations import Crm, Json, Shot, lost, person, sent, shot, skipped, uah

STOPPED_PHONE = "+380 50 333 44 55"
UNREACHED_PHONE = "+380 97 404 05 06"
OPTED_OUT_PHONE = "+380685050607"
CLIENT = {"id": "5", "company": "ТОВ «Ромашка»"}
OLENA = person("contact", "067 123 45 67", "Олена", "Дем&#039;янюк")
HANNA = person("proposal", "+380 63 555 66 77", "Ганна", "Лисенко")
YURII = person("staff", "0731112233", "Юрій", "Ткач")
DARYNA = person("staff", "093 444 55 66", "Дарина", "Кравець")


def billing(crm: Crm) -> Iterator[Shot]:
    """Invoices, overdue and paid."""
    overdue = crm.event("overdue", "invoice.overdue", recipients=[OLENA], invoice=invoice(crm, 901))
    yield shot("invoice overdue", overdue, sent("invoice_overdue_notice"))
    paid = crm.event(
        "paid",
        "invoice.payment_recorded",
        recipients=[{**OLENA, "phonenumber": "80671234567"}],
        invoice={**invoice(crm, 902), "status": "paid", "amount_due": uah("0.00")},
        payment={"id": f"p-{crm.run}", "total": uah("1250.00"), "date": day(crm, 0)},
    )
    yield shot("payment recorded", paid, sent("invoice_payment_recorded"))
    partly = crm.event(
        "partly",
        "invoice.payment_recorded",
        recipients=[OLENA],
        invoice={**invoice(crm, 904), "status": "partially_paid", "amount_due": uah("500.00")},
        payment={"id": f"q-{crm.run}", "total": uah("750.00"), "date": day(crm, 0)},
    )
    yield shot("paid in part", partly, sent("invoice_payment_recorded"))
    four = crm.event("four", "invoice.overdue", recipients=crowd(), invoice=invoice(crm, 903))
    yield shot(
        "overdue, four contacts",
        four,
        sent("invoice_overdue_notice"),
        skipped("invoice_overdue_notice", "bad_phone"),
        skipped("invoice_overdue_notice", "landline"),
        ("invoice_overdue_notice", "refused", "not_allowed_number_stoplist"),
    )
    away = person("contact", UNREACHED_PHONE, "Павло", "Білик")
    off = crm.event("off", "invoice.overdue", recipients=[away], invoice=invoice(crm, 905))
    yield shot("overdue, phone is off", off, lost("invoice_overdue_notice"))


def crowd() -> list[Json]:
    """A good phone, a bad one, a landline, and one on the provider's stop-list."""
    return [
        person("contact", "(099) 222-33-44", "Тарас", "Шевчук"),
        person("contact", "12-34", "Ірина", "Коваль"),
        person("contact", "044 234 56 78", "Богдан", "Мельник"),
        person("contact", STOPPED_PHONE, "Соломія", "Бондар"),
    ]


def proposals(crm: Crm) -> Iterator[Shot]:
    """A proposal that ends, one that has ended, one that is sent, and comments that go to the other side."""
    ending = crm.event("ending", "proposal.overdue", recipients=[OLENA], proposal=proposal(crm, 53, days_left=4))
    yield shot("proposal ends soon", ending, sent("proposal_expiration_reminder"))
    ended = crm.event("ended", "proposal.overdue", proposal={**proposal(crm, 54, days_left=-1), **on_it()})
    yield shot("proposal has ended", ended, sent("proposal_expiration_reminder"))
    position = {"entity_type": "proposal", "status_from": "1", "status_to": "4"}
    known = proposal(crm, 56, days_left=14)
    posted = crm.event("sent", "position.status_changed", recipients=[HANNA], position=position, proposal=known)
    yield shot("proposal sent", posted, sent("position_status_sent"))
    people = [HANNA, YURII, {**YURII, "phonenumber": "+38 (073) 111-22-33"}]
    for side, trigger in (("staff", "proposal_comment_to_customer"), ("client", "proposal_comment_to_staff")):
        comment = {"id": f"c-{side}-{crm.run}", "author": side}
        about = proposal(crm, 55, days_left=14)
        event = crm.event(
            f"comment-{side}", "proposal.comment_added", recipients=people, proposal=about, comment=comment
        )
        yield shot(f"proposal, comment by {side}", event, sent(trigger))


def contracts(crm: Crm) -> Iterator[Shot]:
    """A contract on its last day, and comments that go to the other side."""
    last = crm.event("last", "contract.overdue", recipients=[OLENA], contract=contract(crm, 12, days_left=0))
    yield shot("contract ends today", last, sent("contract_expiration_reminder"))
    for side, trigger in (("staff", "contract_comment_to_customer"), ("client", "contract_comment_to_staff")):
        event = crm.event(
            f"contract-{side}",
            "contract.comment_added",
            recipients=[OLENA, DARYNA],
            client=CLIENT,
            contract={**contract(crm, 13, days_left=90), "number": ""},
            comment={"id": f"d-{side}-{crm.run}", "author": side},
        )
        yield shot(f"contract, comment by {side}", event, sent(trigger))


def staff(crm: Crm) -> Iterator[Shot]:
    """A colleague's reminder, and a task for two that one of them gave."""
    reminder = {
        "id": f"r-{crm.run}",
        "date": crm.now.isoformat(),
        "description": "Зателефонувати Олені щодо договору",
        "relation_name": CLIENT["company"],
    }
    due = crm.event("reminder", "staff.reminder_due", recipients=[YURII], staff_reminder=reminder)
    yield shot("staff reminder", due, sent("staff_reminder"))
    task = {"id": f"t-{crm.run}", "name": "Підготувати рахунок для ТОВ «Ромашка»", "duedate": day(crm, 3)}
    given = crm.event(
        "task",
        "task.assigned",
        recipients=[{**DARYNA, "role": "assignee"}, {**YURII, "role": "follower"}],
        task={**task, "assigned_by_id": YURII["id"]},
    )
    yield shot("task", given, sent("task_assigned"), skipped("task_assigned", "self_assigned"))


def invoice(crm: Crm, number: int) -> Json:
    """An unpaid invoice, three days late."""
    return {
        "id": str(number),
        "version": 1,
        "number": f"INV-000{number}",
        "duedate": day(crm, -3),
        "status": "unpaid",
        "total": uah("1250.00"),
        "amount_due": uah("1250.00"),
        "link": f"https://crm.acme.ua/i/{number}",
    }


def proposal(crm: Crm, number: int, *, days_left: int) -> Json:
    """A proposal that is open for so many days more."""
    return {
        "id": str(number),
        "version": 1,
        "number": f"КП-00{number}",
        "proposal_to": CLIENT["company"],
        "status": "sent",
        "open_till": day(crm, days_left),
        "days_left": days_left,
        "link": f"https://crm.acme.ua/p/{number}",
    }


def on_it() -> Json:
    """The phone that stands on a proposal, for where nobody is named."""
    return {"phonenumber": "+380 63 777 88 99"}


def contract(crm: Crm, number: int, *, days_left: int) -> Json:
    """A contract that lasts for so many days more."""
    return {
        "id": str(number),
        "version": 1,
        "number": f"{number}/26",
        "subject": "Обслуговування кавових машин",
        "dateend": day(crm, days_left),
        "days_left": days_left,
        "link": f"https://crm.acme.ua/c/{number}",
    }


def day(crm: Crm, days: int) -> str:
    """The date so many days from today."""
    return (crm.now + timedelta(days=days)).date().isoformat()

"""The demo's first CRM: invoices, proposals, contracts, and colleagues who are written to about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from worker.cli.demo.expectations import Crm, Shot, person
from worker.cli.event.example_records import Json, money

STOPPED_PHONE = "+380 50 333 44 55"
UNREACHED_PHONE = "+380 97 404 05 06"
OPTED_OUT_PHONE = "+380685050607"
OLENA = person("contact", "067 123 45 67", "Олена", "Дем&#039;янюк")
PAVLO = person("contact", UNREACHED_PHONE, "Павло", "Білик")
HANNA = person("proposal", "+380 63 555 66 77", "Ганна", "Лисенко")
YURII = person("staff", "0731112233", "Юрій", "Ткач")
DARYNA = person("staff", "093 444 55 66", "Дарина", "Кравець")
#: A good phone, a bad one, a landline, and one on the provider's stop-list.
CROWD = [
    person("contact", "(099) 222-33-44", "Тарас", "Шевчук"),
    person("contact", "12-34", "Ірина", "Коваль"),
    person("contact", "044 234 56 78", "Богдан", "Мельник"),
    person("contact", STOPPED_PHONE, "Соломія", "Бондар"),
]


def office(crm: Crm) -> Iterator[Shot]:
    overdue, paid = "invoice_overdue_notice", "invoice_payment_recorded"
    yield crm.shot("invoice overdue", "invoice.overdue", overdue, to=[OLENA])
    again = {**OLENA, "phonenumber": "80671234567"}
    yield crm.shot("payment recorded", "invoice.payment_recorded", paid, to=[again])
    rest = {"status": "partially_paid", "amount_due": money("500.00")}
    part = {"total": money("750.00")}
    yield crm.shot("paid in part", "invoice.payment_recorded", paid, to=[OLENA], invoice=rest, payment=part)
    ends = ("", "skipped bad_phone", "skipped landline", "refused not_allowed_number_stoplist")
    yield crm.shot("overdue, four contacts", "invoice.overdue", *(f"{overdue} {end}" for end in ends), to=CROWD)
    yield crm.shot("overdue, phone is off", "invoice.overdue", f"{overdue} undelivered undelivered", to=[PAVLO])
    yield from documents(crm)
    yield from comments(crm)
    yield crm.shot("staff reminder", "staff.reminder_due", "staff_reminder", to=[YURII])
    two = [{**DARYNA, "role": "assignee"}, {**YURII, "role": "follower"}]
    ends = ("task_assigned", "task_assigned skipped self_assigned")
    yield crm.shot("task", "task.assigned", *ends, to=two, task={"assigned_by_id": YURII["id"]})


def documents(crm: Crm) -> Iterator[Shot]:
    """Proposals that end, have ended and are sent, and a contract on its last day."""
    ends = "proposal_expiration_reminder"
    yield crm.shot("proposal ends soon", "proposal.overdue", ends, to=[OLENA])
    # Nobody is named: its own phone is written to.
    ended = {"open_till": crm.day(-1), "days_left": -1, "phonenumber": "+380 63 777 88 99"}
    yield crm.shot("proposal has ended", "proposal.overdue", ends, proposal=ended)
    yield crm.shot("proposal sent", "position.status_changed", "position_status_sent", to=[HANNA])
    last = {"dateend": crm.day(0), "days_left": 0}
    yield crm.shot("contract ends today", "contract.overdue", "contract_expiration_reminder", to=[OLENA], contract=last)


def comments(crm: Crm) -> Iterator[Shot]:
    """Comments, each of which goes to the other side, once a person."""
    about: dict[str, tuple[list[Json], Json]] = {
        "proposal": ([HANNA, YURII, {**YURII, "phonenumber": "+38 (073) 111-22-33"}], {}),
        "contract": ([OLENA, DARYNA], {"number": ""}),
    }
    for side, other in (("staff", "customer"), ("client", "staff")):
        for record, (people, change) in about.items():
            changes: dict[str, Any] = {record: change, "comment": {"author": side}}
            end = f"{record}_comment_to_{other}"
            yield crm.shot(f"{record}, comment by {side}", f"{record}.comment_added", end, to=people, **changes)

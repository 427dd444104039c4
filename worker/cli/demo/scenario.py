"""What the demo publishes, and what must become of each piece: two accounts, good days and bad ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from worker.cli.demo.expectations import Crm, Shot, person
from worker.cli.demo.reminder_events import clockwork
from worker.cli.event.examples import Json, money
from worker.core.clock.kyiv_time import KYIV

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


MARIIA = person("contact", "+380 68 202 03 04", "Марія", "Гончар", consent=True)
STEPAN = person("contact", "066 505 06 07", "Степан", "Руденко", consent=False)
MAKSYM = person("order", "+380 95 777 88 99", "Максим", "Поліщук")
NADIIA = person("order", "+380 96 707 08 09", "Надія", "Романюк")
VIKTOR = person("order", OPTED_OUT_PHONE, "Віктор", "Кузьменко")
GUEST = person("booking", "+380 68 101 01 01", "Марія", "Гончар")


def shop(crm: Crm) -> Iterator[Shot]:
    yield crm.shot("meeting tomorrow", "meeting.reminder_due", "meeting_reminder", to=[MARIIA])
    greeted, skipped = "contact_birthday", "skipped no_consent"
    yield crm.shot("birthday", "contact.birthday", greeted, to=[MARIIA])
    yield crm.shot(
        "birthday without consent", "contact.birthday", f"{greeted} {skipped}", to=[STEPAN], contact={"consent": False}
    )
    yield crm.shot(
        "sent by hand, marketing",
        "sms.send_requested",
        *("sms_send_requested", f"sms_send_requested {skipped}"),
        to=[MARIIA, STEPAN],
        text="{contact_firstname}, ми працюємо і в неділю, з 10:00 до 16:00. {company_name}",
        marketing=True,
    )
    yield from orders(crm)
    for verb, trigger in (
        ("submitted", "booking_form_submitted"),
        ("confirmed", "booking_confirmed"),
        ("reminder_due", "booking_reminder"),
    ):
        yield crm.shot(f"booking {verb.removesuffix('_due')}", f"booking.{verb}", trigger, to=[GUEST])


def orders(crm: Crm) -> Iterator[Shot]:
    """Orders, to the phone that each carries; some by Viber, of which the provider reports more."""
    for label, verb, buyer, end in (
        ("order created, read in Viber", "created", MAKSYM, "read"),
        ("order created, nobody has Viber there", "created", NADIIA, ""),
        ("order approved, by Viber alone", "approved", MAKSYM, ""),
        ("order cancelled", "cancelled", MAKSYM, ""),
        ("order cancelled, the client wants no SMS", "cancelled", VIKTOR, "skipped suppressed"),
    ):
        yield crm.shot(label, f"order.{verb}", f"order_{verb} {end}", to=[buyer])


#: What is true to the end of a day is too late at once in the last of its minutes.
LAST_MINUTES = timedelta(minutes=5)


def scene(run: str, *, now: datetime) -> list[Shot]:
    """The whole story; `run` makes its ids new, `now` its days."""
    local = a_fresh_day(now.astimezone(KYIV))
    acme, romashka = Crm("acme", run, local), Crm("romashka", run, local)
    story = [*office(acme), *shop(romashka), *clockwork(replace(romashka, now=now.astimezone(KYIV)))]
    return [*story, *mishaps(acme, again=story[1])]


def a_fresh_day(now: datetime) -> datetime:
    """Now, or the first moment of the next day where this one is nearly over."""
    later = now + LAST_MINUTES
    return now if later.date() == now.date() else later.replace(hour=0, minute=0, second=0, microsecond=0)


def mishaps(acme: Crm, *, again: Shot) -> Iterator[Shot]:
    """What goes wrong on an ordinary day; every good event beside it must go its way."""
    yield replace(again, label="the payment again", ends=())
    other = again.body.replace(b"1250.00", b"99.00")
    yield replace(again, label="its id, another content", body=other, ends=(), dead="id_reused")
    broken = b'{"specversion": "1.0", "id": '
    yield Shot("not JSON", broken, "acme.order.created", f"{acme.run}-broken", dead="not_json")
    yield acme.shot("wrong schema", "invoice.overdue", dead="schema", invoice=None)
    nobody = Crm("nobody", acme.run, acme.now)
    yield nobody.shot("unknown account", "order.created", dead="unknown_account")
    foreign = acme.shot("foreign routing key", "order.created", dead="account_mismatch")
    yield replace(foreign, routing_key="romashka.order.created")
    to = [{"kind": "contact", "id": "1"}]
    yield acme.shot(
        "unknown template", "sms.send_requested", dead="unknown_template", to=to, text=None, template="Акція"
    )

"""What the demo publishes, and what must become of each piece: two accounts, good days and bad ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

Json = dict[str, Any]
End = tuple[str, str, str | None]

STOPPED_PHONE = "+380 50 333 44 55"


@dataclass(frozen=True, slots=True)
class Shot:
    """One publication and its expected end.

    Attributes:
        label: what happened, for the eye.
        ends: (trigger, state, reason) of every notification that must come of it.
        dead: the reason of the dead letter that must come of it.
    """

    label: str
    body: bytes
    routing_key: str
    event_id: str
    ends: tuple[End, ...] = ()
    dead: str | None = None


def scene(run: str, *, now: datetime) -> list[Shot]:
    """The whole story; `run` makes its ids new, `now` its days."""
    story = [*billing(run, now), *proposals(run, now), *shop(run, now), *salon(run, now)]
    return [*story, *mishaps(run, now, again=story[1])]


def billing(run: str, now: datetime) -> Iterator[Shot]:
    """Invoices of acme."""
    olena = person("contact", "067 123 45 67", "Олена", "Дем&#039;янюк")
    yield shot(
        "invoice overdue",
        event(run, "overdue", "acme", "invoice.overdue", now, recipients=[olena], invoice=invoice(now, 901)),
        sent("invoice_overdue_notice"),
    )
    yield shot(
        "payment recorded",
        event(
            run,
            "paid",
            "acme",
            "invoice.payment_recorded",
            now,
            recipients=[{**olena, "phonenumber": "80671234567"}],
            invoice={**invoice(now, 902), "status": "paid", "amount_due": uah("0.00")},
            payment={"id": f"p-{run}", "total": uah("1250.00"), "date": now.date().isoformat()},
        ),
        sent("invoice_payment_recorded"),
    )
    yield shot(
        "overdue, four contacts",
        event(run, "four", "acme", "invoice.overdue", now, recipients=crowd(), invoice=invoice(now, 903)),
        sent("invoice_overdue_notice"),
        ("invoice_overdue_notice", "skipped", "bad_phone"),
        ("invoice_overdue_notice", "skipped", "landline"),
        ("invoice_overdue_notice", "refused", "not_allowed_number_stoplist"),
    )


def crowd() -> list[Json]:
    """A good phone, a bad one, a landline, and one on the provider's stop-list."""
    return [
        person("contact", "(099) 222-33-44", "Тарас", "Шевчук"),
        person("contact", "12-34", "Ірина", "Коваль"),
        person("contact", "044 234 56 78", "Богдан", "Мельник"),
        person("contact", STOPPED_PHONE, "Соломія", "Бондар"),
    ]


def proposals(run: str, now: datetime) -> Iterator[Shot]:
    """Comments on a proposal of acme, each to the other side."""
    proposal = {"id": "55", "number": "КП-0055", "proposal_to": "ТОВ «Ромашка»", "link": "https://crm.acme.ua/p/55"}
    people = [
        person("proposal", "+380 63 555 66 77", "Ганна", "Лисенко"),
        person("staff", "0731112233", "Юрій", "Ткач"),
        person("staff", "+38 (073) 111-22-33", "Юрій", "Ткач"),
    ]
    for side, trigger in (("staff", "proposal_comment_to_customer"), ("client", "proposal_comment_to_staff")):
        comment = {"id": f"c-{side}-{run}", "author": side}
        published = event(
            run,
            f"comment-{side}",
            "acme",
            "proposal.comment_added",
            now,
            recipients=people,
            proposal=proposal,
            comment=comment,
        )
        yield shot(f"comment by {side}", published, sent(trigger))


def shop(run: str, now: datetime) -> Iterator[Shot]:
    """Orders of romashka."""
    buyer = person("order", "095 777 88 99", "Максим", "Поліщук")
    for kind, status in (("created", "new"), ("approved", "approved"), ("cancelled", "cancelled")):
        order = {
            "id": f"{kind}-{run}",
            "number": "1042",
            "status": status,
            "delivery_method": "Нова пошта, відділення 5",
        }
        published = event(run, kind, "romashka", f"order.{kind}", now, recipients=[buyer], order=order)
        yield shot(f"order {kind}", published, sent(f"order_{kind}"))


def salon(run: str, now: datetime) -> Iterator[Shot]:
    """The booking journal of romashka."""
    start = (now + timedelta(days=2)).replace(hour=14, minute=30, second=0, microsecond=0)
    booking = {"id": f"b-{run}", "start": start.isoformat(), "branch": "вул. Хрещатик, 1", "service": "Стрижка"}
    guest = person("booking", "+380 68 101 01 01", "Марія", "Гончар")
    for kind, trigger in (("submitted", "booking_form_submitted"), ("confirmed", "booking_confirmed")):
        published = event(run, kind, "romashka", f"booking.{kind}", now, recipients=[guest], booking=booking)
        yield shot(f"booking {kind}", published, sent(trigger))


def mishaps(run: str, now: datetime, *, again: Shot) -> Iterator[Shot]:
    """What goes wrong on an ordinary day; every good event beside it must go its way."""
    order = {"id": f"m-{run}", "number": "1"}
    other = {"id": f"other-{run}", "total": uah("99.00")}
    reused = event(run, "paid", "acme", "invoice.payment_recorded", now, invoice=invoice(now, 902), payment=other)
    wrong = event(run, "wrong", "acme", "invoice.overdue", now, invoice={"id": 1, "amount_due": {"amount": "many"}})
    stranger = event(run, "stranger", "nobody", "order.created", now, order=order)
    yield Shot("the payment once more", again.body, again.routing_key, again.event_id)
    yield Shot("its id, another content", orjson.dumps(reused), again.routing_key, again.event_id, dead="id_reused")
    yield Shot("not JSON", b'{"specversion": "1.0", "id": ', "acme.order.created", f"{run}-broken", dead="not_json")
    yield shot("wrong schema", wrong, dead="schema")
    yield shot("unknown account", stranger, dead="unknown_account")
    foreign = event(run, "foreign", "acme", "order.created", now, order=order)
    key = "romashka.order.created"
    yield Shot("foreign routing key", orjson.dumps(foreign), key, f"{run}-foreign", dead="account_mismatch")


def sent(trigger: str) -> End:
    """The end everybody hopes for."""
    return trigger, "accepted", None


def shot(label: str, published: Json, *ends: End, dead: str | None = None) -> Shot:
    """An event under its own routing key."""
    account = published["source"].removeprefix("/accounts/")
    return Shot(label, orjson.dumps(published), f"{account}.{published['type']}", published["id"], ends, dead)


def event(run: str, name: str, account: str, kind: str, now: datetime, **facts: object) -> Json:
    """A CloudEvent as a CRM would publish it."""
    return {
        "specversion": "1.0",
        "id": f"{run}-{name}",
        "source": f"/accounts/{account}",
        "type": kind,
        "time": now.isoformat(),
        "datacontenttype": "application/json",
        "data": facts,
    }


def person(kind: str, phone: str, firstname: str, lastname: str) -> Json:
    """Somebody the CRM finds eligible."""
    return {"kind": kind, "id": phone, "phonenumber": phone, "firstname": firstname, "lastname": lastname}


def invoice(now: datetime, number: int) -> Json:
    """An unpaid invoice, three days late."""
    return {
        "id": str(number),
        "version": 1,
        "number": f"INV-000{number}",
        "duedate": (now - timedelta(days=3)).date().isoformat(),
        "status": "unpaid",
        "total": uah("1250.00"),
        "amount_due": uah("1250.00"),
        "link": f"https://crm.acme.ua/i/{number}",
    }


def uah(amount: str) -> Json:
    """Money of the contract."""
    return {"amount": amount, "currency": "UAH"}

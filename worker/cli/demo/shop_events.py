"""The demo's second CRM: a shop and a salon, whose clients are met, greeted and written to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from worker.cli.demo.expectations import Crm, Shot, person, read, sent, shot, skipped
from worker.cli.demo.office_events import OPTED_OUT_PHONE

MARIIA = person("contact", "+380 68 202 03 04", "Марія", "Гончар", consent=True)
STEPAN = person("contact", "066 505 06 07", "Степан", "Руденко", consent=False)
MAKSYM = person("order", "+380 95 777 88 99", "Максим", "Поліщук")
NADIIA = person("order", "+380 96 707 08 09", "Надія", "Романюк")
VIKTOR = person("order", OPTED_OUT_PHONE, "Віктор", "Кузьменко")
GUEST = person("booking", "+380 68 101 01 01", "Марія", "Гончар")

#: The status of an order that was just created; otherwise it is called as its event.
STATUSES = {"created": "new"}


def people(crm: Crm) -> Iterator[Shot]:
    """A meeting, birthdays, and words that a colleague sends by hand."""
    meeting = {"id": f"m-{crm.run}", "start": at(crm, days=1, hour=11), "place": "вул. Хрещатик, 1"}
    due = crm.event("meeting", "meeting.reminder_due", recipients=[MARIIA], meeting=meeting, offset_minutes=1440)
    yield shot("meeting tomorrow", due, sent("meeting_reminder"))
    for name, somebody, end in (
        ("mariia", MARIIA, sent("contact_birthday")),
        ("stepan", STEPAN, skipped("contact_birthday", "no_consent")),
    ):
        contact = {"id": f"{name}-{crm.run}", "birthday": f"1990-{crm.now:%m-%d}"}
        event = crm.event(f"birthday-{name}", "contact.birthday", recipients=[somebody], contact=contact)
        yield shot("birthday" if end[1] == "delivered" else "birthday without consent", event, end)
    text = "{contact_firstname}, ми працюємо і в неділю, з 10:00 до 16:00. {company_name}"
    by_hand = crm.event("by-hand", "sms.send_requested", recipients=[MARIIA, STEPAN], text=text, marketing=True)
    yield shot(
        "sent by hand, marketing", by_hand, sent("sms_send_requested"), skipped("sms_send_requested", "no_consent")
    )


def shop(crm: Crm) -> Iterator[Shot]:
    """Orders, to the phone that each carries; some by Viber, of which the provider tells more."""
    for verb, what, buyer, end in (
        ("created", "read in Viber", MAKSYM, read("order_created")),
        ("created", "nobody has Viber there", NADIIA, sent("order_created")),
        ("approved", "by Viber alone", MAKSYM, sent("order_approved")),
        ("cancelled", "", MAKSYM, sent("order_cancelled")),
        ("cancelled", "the client wants no SMS", VIKTOR, skipped("order_cancelled", "suppressed")),
    ):
        name = f"{verb}-{buyer['id']}"
        order = {
            "id": f"{name}-{crm.run}",
            "number": "1042" if buyer is MAKSYM else "1043",
            "status": STATUSES.get(verb, verb),
            "delivery_method": "Нова пошта, відділення 5",
        }
        event = crm.event(name, f"order.{verb}", recipients=[buyer], order=order)
        yield shot(f"order {verb}{what and f', {what}'}", event, end)


def salon(crm: Crm) -> Iterator[Shot]:
    """The booking journal: asked for, confirmed, nearly there."""
    booking = {"id": f"b-{crm.run}", "start": at(crm, days=2, hour=14), "branch": "вул. Хрещатик, 1"}
    for verb, trigger in (
        ("submitted", "booking_form_submitted"),
        ("confirmed", "booking_confirmed"),
        ("reminder_due", "booking_reminder"),
    ):
        event = crm.event(verb, f"booking.{verb}", recipients=[GUEST], booking=booking)
        yield shot(f"booking {verb.removesuffix('_due')}", event, sent(trigger))


def at(crm: Crm, *, days: int, hour: int) -> str:
    """Half past this hour, so many days from today."""
    moment: datetime = crm.now + timedelta(days=days)
    return moment.replace(hour=hour, minute=30, second=0, microsecond=0).isoformat()

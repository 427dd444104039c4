"""The demo's second CRM: a shop and a salon, whose clients are met, greeted and written to."""

from __future__ import annotations

from collections.abc import Iterator

from worker.cli.demo.expectations import Crm, Shot, person
from worker.cli.demo.office_events import OPTED_OUT_PHONE

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
    """Orders, to the phone that each carries; some by Viber, of which the provider tells more."""
    for label, verb, buyer, end in (
        ("order created, read in Viber", "created", MAKSYM, "read"),
        ("order created, nobody has Viber there", "created", NADIIA, ""),
        ("order approved, by Viber alone", "approved", MAKSYM, ""),
        ("order cancelled", "cancelled", MAKSYM, ""),
        ("order cancelled, the client wants no SMS", "cancelled", VIKTOR, "skipped suppressed"),
    ):
        yield crm.shot(label, f"order.{verb}", f"order_{verb} {end}", to=[buyer])

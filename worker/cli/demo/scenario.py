"""What the demo publishes, and what must become of each piece: two accounts, good days and bad ones."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from worker.core.authoring.event_examples import CLIENT, Json, envelope, facts, money
from worker.core.clock.kyiv_time import KYIV

#: Trigger, state and reason of a notification.
End = tuple[str, str, str | None]


@dataclass(frozen=True, slots=True)
class Shot:
    """One publication and its expected end.

    Attributes:
        ends: of every notification that must come of it.
        dead: the reason of the dead letter that must come of it.
        by_the_clock: how the ids of events begin that the scheduler publishes because of it; the ends are theirs.
    """

    label: str
    body: bytes
    routing_key: str
    event_id: str
    ends: tuple[End, ...] = ()
    dead: str | None = None
    by_the_clock: str | None = None


@dataclass(frozen=True, slots=True)
class Crm:
    """A CRM installation of the demo: `run` makes its ids new, `now` its days, in its own zone."""

    account: str
    run: str
    now: datetime
    numbers: Iterator[int] = field(default_factory=lambda: count(901))

    def shot(
        self,
        label: str,
        event_type: str,
        *ends: str,
        to: Sequence[Json] = (),
        dead: str | None = None,
        **changes: Any,  # noqa: ANN401 (JSON)
    ) -> Shot:
        """Publish the example of a type with these changes; an end is `trigger state reason`."""
        event_id = f"{self.run}-{label.replace(' ', '-')}"
        known = facts(event_type, next(self.numbers), self.now)
        data = {"client": CLIENT, "recipients": to, **changed(known, changes)}
        event = envelope(event_id, event_type, self.account, data, now=self.now)
        return Shot(
            label, orjson.dumps(event), f"{self.account}.{event_type}", event_id, tuple(map(end_of, ends)), dead
        )

    def day(self, days: int) -> str:
        return (self.now + timedelta(days=days)).date().isoformat()


def changed(known: Json, changes: Mapping[str, object]) -> Json:
    """Change fields of records, and whole values of everything else; None takes a value away."""
    values: dict[str, Any] = {**known}
    for name, change in changes.items():
        values[name] = {**values[name], **change} if isinstance(change, Mapping) and name in values else change
    return {name: value for name, value in values.items() if value is not None}


def end_of(text: str) -> End:
    trigger, *rest = text.split()
    return trigger, rest[0] if rest else "delivered", rest[1] if rest[1:] else None


def expect_reminder(saved: Shot) -> Shot:
    """Expect its notifications of the event that the scheduler publishes."""
    record = saved.routing_key.split(".")[1]
    record_id = orjson.loads(saved.body)["data"][record]["id"]
    return replace(saved, by_the_clock=f"{saved.ends[0][0]}/{record_id}/")


def person(recipient_kind: str, phone: str, firstname: str, lastname: str, **more: object) -> Json:
    name = {"firstname": firstname, "lastname": lastname}
    return {"kind": recipient_kind, "id": phone, "phonenumber": phone, **name, **more}


def cause(shots: Iterable[Shot], event_id: str) -> str:
    """The id of the event that was published, for one that the scheduler published because of it."""
    causes = (item.event_id for item in shots if item.by_the_clock and event_id.startswith(item.by_the_clock))
    return next(causes, event_id)


#: Long enough for the event to be read first, and for somebody to see the reminder come.
SOON = timedelta(seconds=3)
#: From west to east, so that somewhere it is about noon at any moment: the hour of birthdays is past, the day is not.
ZONES = (
    *("Pacific/Honolulu", "America/Los_Angeles", "America/New_York", "America/Sao_Paulo", "Atlantic/Azores"),
    *("Europe/Kyiv", "Asia/Karachi", "Asia/Bangkok", "Asia/Tokyo", "Pacific/Auckland"),
)
NOON = 12 * 60
#: A contact who was saved so long ago was saved before that hour, wherever it is about noon.
BEFORE_NINE = timedelta(hours=8)

OKSANA = person("contact", "+380 67 303 04 05", "Оксана", "Савчук")
ANDRII = person("contact", "050 606 07 08", "Андрій", "Мороз")
LESIA = person("booking", "+380 93 909 01 02", "Леся", "Гнатюк")


def clockwork(crm: Crm) -> Iterator[Shot]:
    """Events of which nothing is sent until their moment has come; `crm.now` is the true time."""
    for label, record, minutes, who in (
        ("meeting in half an hour", "meeting", 30, ANDRII),
        ("booking in 45 minutes", "booking", 45, LESIA),
    ):
        change: dict[str, Any] = {record: starting(crm, minutes)}
        yield expect_reminder(crm.shot(label, f"{record}.saved", f"{record}_reminder", to=[who], **change))
    yield birthday(crm)


def birthday(crm: Crm) -> Shot:
    """Whoever agreed to advertising is congratulated at nine by their own clocks, which is past where they are."""
    zone = about_noon(crm.now)
    day = f"1990-{crm.now.astimezone(ZoneInfo(zone)):%m-%d}"
    earlier = replace(crm, now=crm.now - BEFORE_NINE)
    contact = {"id": OKSANA["id"], "birthday": day, "timezone": zone}
    to = [{**OKSANA, "timezone": zone}]
    saved = earlier.shot("birthday, consent recorded", "contact.saved", "contact_birthday", to=to, contact=contact)
    return expect_reminder(saved)


def about_noon(now: datetime) -> str:
    """A zone where the hour of birthdays is past, and midnight is far."""
    return min(ZONES, key=lambda zone: abs(minute_of_day(now.astimezone(ZoneInfo(zone))) - NOON))


def minute_of_day(local: datetime) -> int:
    return local.hour * 60 + local.minute


def starting(crm: Crm, minutes: int) -> Json:
    """A start of which people are to be reminded so many minutes before, which is in a moment."""
    start = (crm.now.astimezone(UTC) + SOON + timedelta(minutes=minutes)).astimezone(crm.now.tzinfo)
    return {"start": start.isoformat(timespec="seconds"), "remind_before": [minutes]}


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

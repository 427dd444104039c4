"""What the demo's second CRM only saves, so that the scheduler tells of it: a meeting, a birthday, a booking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from worker.cli.demo.expectations import Crm, Json, Shot, person, sent, shot

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
    meeting = {**starting(crm, "meeting", minutes=30), "place": "вул. Хрещатик, 1"}
    saved = crm.event("meeting-saved", "meeting.saved", recipients=[ANDRII], meeting=meeting)
    yield expect_reminder(shot("meeting in half an hour", saved, sent("meeting_reminder")), meeting)
    booking = {**starting(crm, "booking", minutes=45), "status": "confirmed", "branch": "вул. Хрещатик, 1"}
    saved = crm.event("booking-saved", "booking.saved", recipients=[LESIA], booking=booking)
    yield expect_reminder(shot("booking in 45 minutes", saved, sent("booking_reminder")), booking)
    yield birthday(crm)


def birthday(crm: Crm) -> Shot:
    """Whoever agreed to advertising is congratulated at nine by their own clocks, which is past where they are."""
    zone = about_noon(crm.now)
    contact = {"id": OKSANA["id"], "birthday": f"1990-{crm.now.astimezone(ZoneInfo(zone)):%m-%d}", "timezone": zone}
    earlier = replace(crm, now=crm.now - BEFORE_NINE)
    people, known = [{**OKSANA, "timezone": zone}], {**contact, "consent": True}
    saved = earlier.event("oksana-saved", "contact.saved", recipients=people, contact=known)
    return expect_reminder(shot("birthday, consent recorded", saved, sent("contact_birthday")), contact)


def about_noon(now: datetime) -> str:
    """A place where the hour of birthdays is past, and midnight is far."""
    return min(ZONES, key=lambda zone: abs(minute_of_day(now.astimezone(ZoneInfo(zone))) - NOON))


def minute_of_day(local: datetime) -> int:
    """Minutes after midnight."""
    return local.hour * 60 + local.minute


def starting(crm: Crm, record_kind: str, *, minutes: int) -> Json:
    """A record of which people are to be reminded so many minutes before its start, which is in a moment."""
    start = (crm.now.astimezone(UTC) + SOON + timedelta(minutes=minutes)).astimezone(crm.now.tzinfo)
    return {"id": f"{record_kind}-{crm.run}", "start": start.isoformat(timespec="seconds"), "remind_before": [minutes]}


def expect_reminder(saved: Shot, record: Json) -> Shot:
    """The same, its notifications expected of the event that the scheduler publishes."""
    return replace(saved, by_the_clock=f"{saved.ends[0][0]}/{record['id']}/")

"""What the demo's second CRM only saves, so that the scheduler reminds of it: a meeting, a birthday, a booking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from worker.cli.demo.expectations import Crm, Shot, expect_reminder, person
from worker.cli.event.examples import Json

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
    born = f"1990-{crm.now.astimezone(ZoneInfo(zone)):%m-%d}"
    earlier = replace(crm, now=crm.now - BEFORE_NINE)
    contact = {"id": OKSANA["id"], "birthday": born, "timezone": zone}
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

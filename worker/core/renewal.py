"""A text whose record got newer before it was sent: rendered again with the same template, or dropped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from worker.core.account import Account, Text
from worker.core.catalogue import BY_ID, Trigger
from worker.core.draft import MISSING_VALUE, dedupe_key, expiry, with_company, words
from worker.core.event import Event, Malformed, read
from worker.core.facts import NOTHING, Facts, section, word
from worker.core.limit import Claimed, Dropped
from worker.core.nudge import Place
from worker.core.recipient import people


@dataclass(frozen=True, slots=True)
class Origin:
    """What a text was made of."""

    place: Place
    body: bytes
    routing_key: str
    dedupe_key: str
    recipient_kind: str
    recipient_id: str
    locale: str
    channel: str
    template: Text


@dataclass(frozen=True, slots=True)
class Renewed:
    """What the same template says of the record now."""

    text: str
    expires_at: datetime


def renewed(origin: Origin, row: Claimed, account: Account, *, now: datetime) -> Renewed | Dropped:
    """The text of now. A fact that moved (a booking to another hour) is another fact, with an event of its own."""
    event = read(origin.body, routing_key=origin.routing_key, now=now)
    trigger = BY_ID.get(row.trigger)
    if isinstance(event, Malformed) or trigger is None:
        return Dropped("cancelled", "record_changed")
    newest = with_newest(event, trigger, row.record or NOTHING)
    if dedupe_key(newest, trigger, account) != origin.dedupe_key:
        return Dropped("cancelled", "record_moved")
    facts, spelling = with_company(newest.facts, account), account.spelling_for(origin.channel)
    somebody = person(newest.facts, origin)
    written = words(origin.template, facts, somebody, spelling=spelling, locale=origin.locale, zone=row.zone)
    if written.holes:
        return Dropped("cancelled", MISSING_VALUE)
    return Renewed(written.text, expiry(trigger, newest)) if written.text else Dropped("cancelled", "blank_text")


def with_newest(event: Event, trigger: Trigger, record: Facts) -> Event:
    """The event as it would be published now: what the newest state does not say is as it was."""
    section_now = {**section(event.facts, trigger.record), **record}
    return replace(event, facts={**event.facts, trigger.record: section_now})


def person(facts: Facts, origin: Origin) -> Facts:
    """The recipient's own section of the event."""
    wanted = (origin.recipient_kind, origin.recipient_id)
    found = (one for one in people(facts) if (word(one.get("kind")), word(one.get("id"))) == wanted)
    return next(found, NOTHING)

"""From an event to the rows it asks for: trigger, recipients, channel, window, text; everything but ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from worker.core.account import Account, Switch, Text
from worker.core.catalogue import Trigger
from worker.core.channel import Route, place_of, routes, segments_on
from worker.core.contract import NO_DAY, TYPES
from worker.core.event import Event, short_hash
from worker.core.facts import Facts, at, section, word
from worker.core.recipient import Recipient, hearers
from worker.core.shortcode import value_of
from worker.core.template import compile_template, render
from worker.core.trigger import matching
from worker.core.viber import Viber, filled
from worker.core.waits import NUDGE_WAIT
from worker.core.window import opening, zone_of


@dataclass(frozen=True, slots=True)
class Draft:
    """A notification before it has a row, and the key that makes it unique."""

    key: bytes
    account: str
    trigger: str
    dedupe_key: str
    channel: str
    recipient_key: bytes
    recipient_kind: str
    recipient_id: str
    client_id: str | None
    phone: str | None
    kind: str
    lane: str
    locale: str
    zone: str
    sender: str
    viber: Viber | None
    template: int
    template_version: int
    text: str
    segments: int
    record: RecordRef
    state: str
    reason: str | None
    due_at: datetime | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RecordRef:
    """Which state of which record a text speaks of."""

    kind: str
    id: str
    version: int | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Occasion:
    """One event under one trigger of one account: what all its drafts share."""

    event: Event
    trigger: Trigger
    switch: Switch
    account: Account
    facts: Facts
    record: RecordRef
    dedupe_key: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """What an occasion says to one person, and in which language and zone."""

    template: Text
    text: str
    locale: str
    zone: str


def drafts(event: Event, account: Account, *, salt: bytes, now: datetime) -> Iterator[Draft]:
    """Every notification that this event asks for, skips included."""
    for trigger in matching(event, account):
        occasion = occasion_of(event, trigger, account)
        for recipient in hearers(trigger, event.facts, salt=salt):
            yield from told(occasion, recipient, now=now)


def suppressed(written: Draft) -> Draft:
    """The same row for somebody on the stop-list."""
    return replace(written, state="skipped", reason="suppressed", due_at=None)


def record_of(event: Event) -> RecordRef:
    """The record an event speaks of."""
    kind = TYPES[event.type].record
    facts = section(event.facts, kind)
    version = facts.get("version")
    number = int(version) if isinstance(version, int | str) else None
    return RecordRef(kind, word(facts.get("id")), number, event.occurred_at)


def occasion_of(event: Event, trigger: Trigger, account: Account) -> Occasion:
    """What the drafts of one event under one trigger share."""
    return Occasion(
        event=event,
        trigger=trigger,
        switch=account.switches[trigger.id],
        account=account,
        facts=with_company(event.facts, account),
        record=record_of(event),
        dedupe_key=dedupe_key(event, trigger, account),
        expires_at=expiry(trigger, event),
    )


def with_company(facts: Facts, account: Account) -> Facts:
    """The facts, with the account's own name where the CRM does not say which company it is."""
    return {**facts, "company": {"name": account.name, **section(facts, "company")}}


def dedupe_key(event: Event, trigger: Trigger, account: Account) -> str:
    """The business identity of what an event announces, and its bucket."""
    return "|".join(escaped(identity(path, event, account)) for path in trigger.dedupe)


def identity(path: str, event: Event, account: Account) -> str:
    """One word of a dedupe key."""
    match path:
        case "event.day":
            noticed = word(at(event.facts, "invoice.notice_date"))
            day = event.occurred_at.astimezone(zone_of(account.zone)).date().isoformat()
            return day if noticed in NO_DAY else noticed
        case "order.change":
            return word(at(event.facts, "order.change_id")) or word(at(event.facts, "order.version"))
        case "booking.start":
            return instant(event.facts, path).isoformat()
        case _:
            return word(at(event.facts, path))


def escaped(part: str) -> str:
    """A part of a dedupe key that cannot be taken for two."""
    return part.replace("\\", "\\\\").replace("|", "\\|")


def expiry(trigger: Trigger, event: Event) -> datetime:
    """After this moment the text is worth nothing."""
    late = event.occurred_at + trigger.life
    return min(late, instant(event.facts, trigger.until)) if trigger.until else late


def instant(facts: Facts, path: str) -> datetime:
    """A moment of the contract (checked, with an offset) in UTC."""
    return datetime.fromisoformat(word(at(facts, path))).astimezone(UTC)


def told(occasion: Occasion, recipient: Recipient, *, now: datetime) -> Iterator[Draft]:
    """One person's notifications: one, or one on each channel."""
    account, switch = occasion.account, occasion.switch
    locale = word(recipient.facts.get("locale"))[:2] or account.locale
    zone = zone_of(word(recipient.facts.get("timezone")) or account.zone).key

    def fill(text: str) -> str:
        return words(text, occasion.facts, recipient.facts, locale=locale, zone=zone)

    template = switch.text_in(locale, account.locale) or Text(0, 0, "")
    said = Said(template, fill(template.text), locale, zone)
    options = partial(filled, template.viber, fill)
    for route in routes(switch.channel, account, said.text, lane=occasion.trigger.lane, options=options):
        yield draft(occasion, recipient, said, route, now=now)


def draft(occasion: Occasion, recipient: Recipient, said: Said, route: Route, *, now: datetime) -> Draft:
    """One notification for one person."""
    account, trigger = occasion.account, occasion.trigger
    state, reason, due_at = start(occasion, recipient, said, route, now=now)
    return Draft(
        key=short_hash(
            account.id.encode(),
            trigger.id.encode(),
            occasion.dedupe_key.encode(),
            recipient.key,
            place_of(route.channel).encode(),
        ),
        account=account.id,
        trigger=trigger.id,
        dedupe_key=occasion.dedupe_key,
        channel=route.channel,
        recipient_key=recipient.key,
        recipient_kind=recipient.kind,
        recipient_id=recipient.id,
        client_id=word(section(occasion.facts, "client").get("id")) or None,
        phone=recipient.phone if isinstance(recipient.phone, str) else None,
        kind=trigger.kind,
        lane=trigger.lane,
        locale=said.locale,
        zone=said.zone,
        sender=route.sender,
        viber=route.viber,
        template=said.template.template,
        template_version=said.template.version,
        text=said.text,
        segments=segments_on(route.channel, said.text),
        record=occasion.record,
        state=state,
        reason=reason,
        due_at=due_at,
        expires_at=occasion.expires_at,
    )


def words(text: str, facts: Facts, person: Facts, *, locale: str, zone: str) -> str:
    """The template's text with this person's values."""

    def value(code: str) -> str:
        return value_of(code, facts=facts, recipient=person, locale=locale, zone=zone)

    return render(compile_template(text), value)


def start(
    occasion: Occasion, recipient: Recipient, said: Said, route: Route, *, now: datetime
) -> tuple[str, str | None, datetime | None]:
    """The state a row begins in, the reason where it is not `planned`, and when to look at it."""
    if not isinstance(recipient.phone, str):
        return "skipped", recipient.phone.reason, None
    if not said.text:
        return "skipped", "blank_text", None
    if route.objection:
        return "skipped", route.objection, None
    if occasion.expires_at <= now:
        return "expired", "too_late", None
    if occasion.trigger.window == "day":
        opens = opening(occasion.account.window, zone=said.zone, now=now)
        if opens > now:
            return "postponed", "quiet_hours", opens
    return "planned", None, now + NUDGE_WAIT

"""From an event to the rows it asks for: trigger, recipients, channel, window, text; everything but ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from worker.core.account import Account, Switch, Text
from worker.core.catalogue import Trigger
from worker.core.contract import NO_DAY, TYPES
from worker.core.event import Event, short_hash
from worker.core.facts import Facts, at, section, word
from worker.core.recipient import Recipient, hearers
from worker.core.shortcode import Values
from worker.core.spelling import Spelling
from worker.core.trigger import matching
from worker.core.waits import NUDGE_WAIT
from worker.core.window import opening, zone_of
from worker.core.written import Written, write

#: Why a row is born `failed`: its template does not forgive a hole.
MISSING_VALUE = "missing_value"


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
    template: int
    template_version: int
    written: Written
    record: RecordRef
    state: str
    reason: str | None
    due_at: datetime | None
    expires_at: datetime

    @property
    def text(self) -> str:
        """What the person is to read."""
        return self.written.text

    @property
    def segments(self) -> int:
        """What it takes as an SMS."""
        return self.written.segments.count


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


def drafts(event: Event, account: Account, *, salt: bytes, now: datetime) -> Iterator[Draft]:
    """Every notification that this event asks for, skips included."""
    for trigger in matching(event, account):
        occasion = occasion_of(event, trigger, account)
        for recipient in hearers(trigger, event.facts, salt=salt):
            yield draft(occasion, recipient, now=now)


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


def draft(occasion: Occasion, recipient: Recipient, *, now: datetime) -> Draft:
    """One notification for one person."""
    account, trigger = occasion.account, occasion.trigger
    locale = word(recipient.facts.get("locale"))[:2] or account.locale
    zone = zone_of(word(recipient.facts.get("timezone")) or account.zone).key
    template = occasion.switch.text_in(locale, account.locale) or Text(0, 0, "")
    spelling = account.spelling_for(occasion.switch.channel)
    written = words(template, occasion.facts, recipient.facts, spelling=spelling, locale=locale, zone=zone)
    state, reason, due_at = start(occasion, recipient, written=written, zone=zone, now=now)
    client = section(occasion.facts, "client").get("id")
    return Draft(
        key=short_hash(
            account.id.encode(),
            trigger.id.encode(),
            occasion.dedupe_key.encode(),
            recipient.key,
            occasion.switch.channel.encode(),
        ),
        account=account.id,
        trigger=trigger.id,
        dedupe_key=occasion.dedupe_key,
        channel=occasion.switch.channel,
        recipient_key=recipient.key,
        recipient_kind=recipient.kind,
        recipient_id=recipient.id,
        client_id=word(client) or None,
        phone=recipient.phone if isinstance(recipient.phone, str) else None,
        kind=trigger.kind,
        lane=trigger.lane,
        locale=locale,
        zone=zone,
        sender=account.sms_sender,
        template=template.template,
        template_version=template.version,
        written=written,
        record=occasion.record,
        state=state,
        reason=reason,
        due_at=due_at,
        expires_at=occasion.expires_at,
    )


def words(template: Text, facts: Facts, person: Facts, *, spelling: Spelling, locale: str, zone: str) -> Written:
    """The template's text with this person's values."""
    return write(template.text, Values(facts, person, locale, zone), spelling, fails_on_holes=template.fails_on_holes)


def start(
    occasion: Occasion, recipient: Recipient, *, written: Written, zone: str, now: datetime
) -> tuple[str, str | None, datetime | None]:
    """The state a row begins in, the reason where it is not `planned`, and when to look at it."""
    if not isinstance(recipient.phone, str):
        return "skipped", recipient.phone.reason, None
    if not written.text and not written.holes:
        return "skipped", "blank_text", None
    if occasion.expires_at <= now:
        return "expired", "too_late", None
    if written.holes:
        return "failed", MISSING_VALUE, None
    if occasion.trigger.window == "day":
        opens = opening(occasion.account.window, zone=zone, now=now)
        if opens > now:
            return "postponed", "quiet_hours", opens
    return "planned", None, now + NUDGE_WAIT

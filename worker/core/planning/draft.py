"""From an event to the rows it asks for: trigger, recipients, channel, window, text; everything but ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from worker.core.accounts.account import Account, Text
from worker.core.clock.quiet_hours import opening, zone_of
from worker.core.clock.timeouts import NUDGE_WAIT
from worker.core.contract.event import Event, short_hash
from worker.core.planning.channel import VIBER, Route, dedupe_channel, routes
from worker.core.planning.consent import NO_CONSENT, RECORDED, STATED
from worker.core.texts.render import Written, write
from worker.core.texts.shortcodes import Values
from worker.core.texts.transliteration import AS_WRITTEN, Spelling
from worker.core.texts.viber_message import Viber, filled
from worker.core.triggers.dedupe_key import dedupe_key
from worker.core.triggers.match import Occasion, RecordRef, occasion_of
from worker.core.triggers.matching import matching
from worker.core.triggers.recipients import Recipient, is_author, recipients_for

MISSING_VALUE = "missing_value"

NO_TEXT = Text(0, 0, "")


#: The state a row begins in, the reason where it is not `planned`, and when to look at it.
Start = tuple[str, str | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Draft:
    """A notification before it has a row.

    `once_agreed` is how it begins if a consent is recorded; `viber_fallback` why it is an SMS though Viber was wanted.
    """

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
    message_class: str
    lane: str
    locale: str
    zone: str
    sender: str
    viber: Viber | None
    template: int
    template_version: int
    written: Written
    record: RecordRef
    state: str
    reason: str | None
    due_at: datetime | None
    expires_at: datetime
    consent: str | None = None
    once_agreed: Start | None = None
    viber_fallback: str | None = None

    def agreed(self) -> Draft:
        if self.once_agreed is None:
            return self
        state, reason, due_at = self.once_agreed
        return replace(self, state=state, reason=reason, due_at=due_at, consent=RECORDED, once_agreed=None)

    @property
    def text(self) -> str:
        return self.written.text

    @property
    def segments(self) -> int:
        return 0 if self.channel == VIBER else self.written.segments.count


@dataclass(frozen=True, slots=True)
class RenderedText:
    template: Text
    written: Written
    locale: str
    zone: str


def drafts(
    event: Event, account: Account, *, salt: bytes, now: datetime, values: type[Values] = Values
) -> Iterator[Draft]:
    for trigger in matching(event, account):
        occasion = occasion_of(event, trigger, account)
        for recipient in recipients_for(trigger, event.data, salt=salt):
            yield from drafts_for(occasion, recipient, now=now, values=values)


def skipped(draft: Draft, reason: str) -> Draft:
    return replace(draft, state="skipped", reason=reason, due_at=None, consent=None, once_agreed=None)


def drafts_for(
    occasion: Occasion, recipient: Recipient, *, now: datetime, values: type[Values] = Values
) -> Iterator[Draft]:
    account, data, person = occasion.account, occasion.data, recipient.person
    locale = person.locale[:2] or account.locale
    zone = zone_of(person.timezone or account.zone).key
    template = template_of(occasion, locale, account.locale)
    values_of = partial(values, data, person, locale, zone)
    render_as = partial(rendered, template, values_of)

    def fill(address: str) -> str:
        return write(address, values_of()).text

    plain = render_as(spelling=AS_WRITTEN)
    options = partial(filled, template.viber, fill)
    for route in routes(occasion.switch.channel, account, plain.text, lane=occasion.lane, options=options):
        spelling = account.spelling_for(route.channel)
        written = plain if spelling == AS_WRITTEN else render_as(spelling=spelling)
        yield draft(occasion, recipient, RenderedText(template, written, locale, zone), route, now=now)


def draft(occasion: Occasion, recipient: Recipient, text: RenderedText, route: Route, *, now: datetime) -> Draft:
    account, trigger = occasion.account, occasion.trigger
    given = recipient.person.consent if occasion.message_class == "marketing" else True
    may_go = start(occasion, recipient, text, route, now=now)
    is_unasked = not given and may_go[0] != "skipped"
    state, reason, due_at = ("skipped", NO_CONSENT, None) if is_unasked else may_go
    dedupe = dedupe_key(occasion.event, trigger, account, recipient.person)
    return Draft(
        key=key_of(account.id, trigger.id, dedupe, recipient.key, dedupe_channel(route.channel)),
        account=account.id,
        trigger=trigger.id,
        dedupe_key=dedupe,
        channel=route.channel,
        recipient_key=recipient.key,
        recipient_kind=recipient.recipient_kind,
        recipient_id=recipient.id,
        client_id=occasion.data.client.id or None,
        phone=recipient.phone if isinstance(recipient.phone, str) else None,
        message_class=occasion.message_class,
        lane=occasion.lane,
        locale=text.locale,
        zone=text.zone,
        sender=route.sender,
        viber=route.viber,
        template=text.template.template,
        template_version=text.template.version,
        written=text.written,
        record=occasion.record,
        state=state,
        reason=reason,
        due_at=due_at,
        expires_at=occasion.expires_at,
        consent=STATED if occasion.message_class == "marketing" and given and state != "skipped" else None,
        once_agreed=may_go if is_unasked and given is None else None,
        viber_fallback=route.viber_fallback,
    )


def key_of(account: str, trigger: str, dedupe: str, recipient_key: bytes, channel: str) -> bytes:
    return short_hash(account.encode(), trigger.encode(), dedupe.encode(), recipient_key, channel.encode())


def template_of(occasion: Occasion, *locales: str) -> Text:
    if not occasion.trigger.is_free:
        return occasion.switch.text_in(*locales) or NO_TEXT
    custom = occasion.account.customs.get(occasion.data.template)
    if custom is None:
        return replace(NO_TEXT, text=occasion.data.text)
    return custom.text_in(*locales) or NO_TEXT


def rendered(template: Text, values_of: Callable[[], Values], *, spelling: Spelling) -> Written:
    return write(template.text, values_of(), spelling, fails_on_holes=template.fails_on_holes)


def start(occasion: Occasion, recipient: Recipient, text: RenderedText, route: Route, *, now: datetime) -> Start:
    reason = why_not(occasion, recipient, text.written) or route.objection
    if reason is not None:
        return "skipped", reason, None
    if occasion.untrue:
        return "cancelled", occasion.untrue, None
    if occasion.expires_at <= now:
        return "expired", "too_late", None
    if text.written.holes:
        return "failed", MISSING_VALUE, None
    if occasion.trigger.window == "day":
        opens = opening(occasion.account.window, zone=text.zone, now=now)
        if opens > now:
            return "postponed", "quiet_hours", min(opens, occasion.expires_at)
    return "planned", None, now + NUDGE_WAIT


def why_not(occasion: Occasion, recipient: Recipient, written: Written) -> str | None:
    if occasion.objection:
        return occasion.objection
    if is_author(recipient, occasion.trigger, occasion.data):
        return "self_assigned"
    if not isinstance(recipient.phone, str):
        return recipient.phone.reason
    return None if written.text or written.holes else "blank_text"

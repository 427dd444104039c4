"""A text that a CRM asks for over HTTP: what `sms.send_requested` does, at once, and once under its key."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

from worker.core.authoring.request_text_check import unknown_shortcodes
from worker.core.contract.event import Event, Malformed, read
from worker.core.contract.inbound_message import Delivery
from worker.core.contract.validation_errors import Fault
from worker.core.hands.send_request import Request
from worker.core.lanes import lane_for
from worker.core.planning.channel import HYBRID, SMS, VIBER, dedupe_channel
from worker.core.planning.draft import key_of
from worker.core.sending.notification_states import WAITING
from worker.core.texts.shortcodes import SHORTCODES
from worker.core.triggers.catalogue import BY_ID
from worker.core.triggers.recipients import recipients_for
from worker.language import _
from worker.steps.effects import Reported
from worker.steps.ingest.parse import prepare
from worker.steps.ingest.plan import Intake, plan
from worker.store.accounts.configuration import Configuration
from worker.store.audit.audit import note
from worker.store.db.postgres import Connection, clock, committed
from worker.store.hands import sends
from worker.store.hands.sends import Begun
from worker.store.ingest import events

#: What waits for longer, nobody remembers having asked for.
AHEAD_MAX = timedelta(days=365)
TRIGGER = BY_ID["sms_send_requested"]
CHANNELS_APART = sorted({dedupe_channel(channel) for channel in (SMS, VIBER, HYBRID)})


@dataclass(frozen=True, slots=True)
class Requested:
    """What a request came to when it was made first, and what is to be reported of it now.

    Attributes:
        event: the id of its event.
    """

    event: str
    texts: Sequence[Begun]
    is_new: bool
    reported: Sequence[Reported] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the event that it becomes, and who asked; `event` is known by what is asked for, not by when."""

    wanted: Request
    event: Event
    delivery: Delivery
    by: str


#: `other_content`: the key was used for something else. `switched_off`: nobody may be written to by hand.
#: `no_account`: it was removed meanwhile.
Outcome = Requested | Malformed | Literal["other_content", "switched_off", "no_account"]


def request(intake: Intake, wanted: Request, *, by: str) -> Outcome:
    """Accept it as an event, in one transaction, unless it was asked for before.

    Raises:
        Exception: PostgreSQL cannot take it now.
    """
    configuration, now = intake.cache.fresh(intake.pool)
    delivery = wanted.delivery(now=now)
    event = read(delivery.body, routing_key=delivery.routing_key, now=now, hop=delivery.traceparent)
    if isinstance(event, Malformed):
        return event
    by_content = replace(event, content=wanted.content)
    return committed(intake.pool, partial(accept, Asked(wanted, by_content, delivery, by), configuration, intake.salt))


def wrong_moment(at: datetime | None, *, now: datetime) -> Iterator[Fault]:
    if at and not now < at <= now + AHEAD_MAX:
        yield Fault("at", _("must lie ahead, and within a year"))


def wrong_shortcodes(event: Event, custom: Sequence[str]) -> Iterator[Fault]:
    """Shortcodes that nobody fills in: everybody would get the text with a hole."""
    for code in unknown_shortcodes(event.data.text, {*SHORTCODES, *custom, *event.data.shortcodes.json}):
        yield Fault("data.text", _("{code} is no shortcode: give its value in shortcodes", code=code))


def keys_of(event: Event, salt: bytes) -> Iterator[bytes]:
    """The keys of whatever texts it leads to, by whichever channel they go."""
    for recipient in recipients_for(TRIGGER, event.data, salt=salt):
        for channel in CHANNELS_APART:
            yield key_of(event.account, TRIGGER.id, event.id, recipient.key, channel)


def accept(asked: Asked, configuration: Configuration, salt: bytes, connection: Connection) -> Outcome:
    """Accept it, or find what it came to before, whatever an admin has changed since."""
    event, keys = asked.event, list(keys_of(asked.event, salt))
    events.lock(connection, event.key)
    if known := events.known_content(connection, [event.key]):
        is_same = bytes(known[event.key]) == event.content
        return Requested(event.id, sends.begun(connection, keys), is_new=False) if is_same else "other_content"
    account, now = configuration.accounts.get(event.account), clock(connection)
    if account is None:
        return "no_account"
    if TRIGGER.id not in account.switches:
        return "switched_off"
    if faults := (*wrong_moment(asked.wanted.at, now=now), *wrong_shortcodes(event, account.custom_shortcodes)):
        return Malformed("schema", str(faults[0]), faults=faults)
    prepared = prepare(configuration, [asked.delivery], salt=salt, now=now)
    for letter in prepared.batch.dead:
        return Malformed(letter.reason, letter.detail)
    prepared.batch.firsts[event.key] = (event, asked.delivery)
    accepted = plan(prepared, (), connection)
    texts = sends.begun(connection, keys)
    begin(connection, asked, texts)
    return Requested(event.id, texts, is_new=True, reported=accepted.reported)


def begin(connection: Connection, asked: Asked, texts: Sequence[Begun]) -> None:
    """Let new texts go now, or at their moment, and note who asked."""
    now, at, by = clock(connection), asked.wanted.at, asked.by
    waiting = [text.notification_id for text in texts if text.state in WAITING]
    sends.hurry(connection, waiting, lane=lane_for(len(texts)), now=now)
    if at:
        sends.schedule(connection, waiting, at=at, actor=f"operator/{by}", now=now)
    after = {"event": asked.event.id, "at": at, "marketing": asked.event.data.marketing, "people": len(texts)}
    note(connection, by, "send", f"{len(texts)} texts", account=asked.event.account, after=after, now=now)

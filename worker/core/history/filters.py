"""Which notifications: one value that lists, exports, cancels and resends share, and where a page of them ended."""

import base64
import binascii
import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import astuple, dataclass
from datetime import date, datetime
from typing import NamedTuple

from worker.core.authoring.nearest_name import nearest
from worker.core.contract.data import RECORDS
from worker.core.contract.event_types import TYPES
from worker.core.history.event_meanings import OUTCOMES
from worker.core.history.keywords import LETTERS_MIN, Keywords, keywords
from worker.core.planning.channel import HYBRID, SMS, VIBER
from worker.core.sending.notification_states import MOVES
from worker.core.sending.nudge import NotificationId
from worker.core.triggers.catalogue import BY_ID, TRIGGERS
from worker.language import _

#: What a notification goes by; a trigger's `both` is two of them.
CHANNELS = (SMS, VIBER, HYBRID)
STATES = tuple(MOVES)
PERSON_KINDS = tuple(sorted(frozenset[str]().union(*(trigger.recipient_kinds for trigger in TRIGGERS))))
RECORD_KINDS = tuple(sorted(RECORDS))
#: Ours are words; TurboSMS's may be anything that is one.
REASON = re.compile(r"[\w.:/+-]{1,100}")
KIND_AND_ID = re.compile(r"([a-z_]+):(\S.*)", re.DOTALL)


class Subject(NamedTuple):
    """A person or a record of the CRM: `contact:17`, `invoice:901`."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which notifications: whatever is given must be true of each.

    Attributes:
        account: whose; what is the CRM's (people, records, events) or a search has a meaning in one account alone.
        recipient: a person of the CRM, by kind and id.
        client: a company of the CRM: all its people.
        phone_key: the recipient key of a phone, which an erasure of the phone leaves.
        record: what the event was about.
        event: the id that the CRM gave the event.
        triggers, states: any of these; none is all.
        reason: why a text is in its state, as `no_consent`: of such states alone.
        since, until: when it was planned; `until` is past the last moment.
        text: keywords, each of which is somewhere in its text, its person's name or its phone.
        searches_phones: whether keywords are looked for in phones, which could be guessed so, digit by digit.
    """

    account: str | None = None
    recipient: Subject | None = None
    client: str | None = None
    phone_key: bytes | None = None
    record: Subject | None = None
    event: str | None = None
    triggers: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    reason: str | None = None
    channel: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    searches_phones: bool = True

    @property
    def is_narrow(self) -> bool:
        """Whether it is about somebody or something, of which there are few enough to look through all."""
        return any((self.recipient, self.client, self.phone_key, self.record, self.event))

    @property
    def keywords(self) -> Keywords:
        return keywords(self.text or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which accepted events of an account; none of `types` or `outcomes` is all."""

    account: str
    types: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


class Fault(NamedTuple):
    """What is wrong with a field of a filter, and the fix."""

    field: str
    problem: str


def subject(text: str) -> Subject:
    """Read `contact:17`.

    Raises:
        ValueError: it has not this form.
    """
    match = KIND_AND_ID.fullmatch(text.strip())
    if match is None:
        raise ValueError(_("{text} is no kind and id: write it as contact:17", text=text))
    return Subject(match[1], match[2])


def faults(wanted: Filter) -> tuple[Fault, ...]:
    """List what makes a filter senseless; whether its account exists is the ledger's to say."""
    return tuple(_faults(wanted))


def _faults(wanted: Filter) -> Iterator[Fault]:
    yield from _unknown("trigger", wanted.triggers, tuple(BY_ID))
    yield from _unknown("state", wanted.states, STATES)
    if wanted.reason is not None:
        yield from _unlikely(wanted.reason, wanted.states)
    yield from _unknown("channel", [wanted.channel] if wanted.channel else [], CHANNELS)
    yield from _unknown("person", [wanted.recipient.kind] if wanted.recipient else [], PERSON_KINDS)
    yield from _unknown("record", [wanted.record.kind] if wanted.record else [], RECORD_KINDS)
    yield from _not_after(wanted.since, wanted.until)
    yield from _without_account(wanted)
    if wanted.text is not None:
        yield from _unsearchable(wanted)


def _unknown(field: str, values: Collection[str], known: Collection[str]) -> Iterator[Fault]:
    for value in values:
        if value not in known:
            near = nearest(value, known)
            fix = _("did you mean {near}?", near=near) if near else _("use {known}", known=", ".join(known))
            yield Fault(field, _("{value} is none: {fix}", value=value, fix=fix))


def _unlikely(reason: str, states: Collection[str]) -> Iterator[Fault]:
    if not REASON.fullmatch(reason):
        yield Fault("reason", _("is none: write it as lists do in their JSON, as no_consent"))
    elif not states:
        yield Fault("reason", _("is of a state: name that too, as skipped"))


def _not_after(since: datetime | None, until: datetime | None) -> Iterator[Fault]:
    if since and until and since >= until:
        yield Fault("until", _("is not after since: nothing lies between them"))


def _without_account(wanted: Filter) -> Iterator[Fault]:
    if wanted.account is None and (wanted.is_narrow or wanted.text is not None):
        yield Fault("account", _("is missing: people, phones, records, events and keywords are of one account"))


def _unsearchable(wanted: Filter) -> Iterator[Fault]:
    words = wanted.keywords
    if not words.all:
        yield Fault("search", _("has no letter or digit: give a word of the text, a name, or digits of the phone"))
    elif not words.terms and not wanted.is_narrow:
        short = _(
            "is too short: give {least} letters or digits in a row, or name a client or a person", least=LETTERS_MIN
        )
        yield Fault("search", short)


def event_faults(wanted: EventFilter) -> tuple[Fault, ...]:
    """List what makes a filter of events senseless."""
    return (
        *_unknown("type", wanted.types, tuple(TYPES)),
        *_unknown("outcome", wanted.outcomes, tuple(OUTCOMES)),
        *_not_after(wanted.since, wanted.until),
    )


def cursor(position: NotificationId, wanted: Filter | EventFilter) -> str:
    """Write down where a page ended, for this filter alone."""
    month, number = position
    packed = month.toordinal().to_bytes(4) + number.to_bytes(8) + digest(wanted)
    return base64.urlsafe_b64encode(packed).decode()


def position(text: str, wanted: Filter | EventFilter) -> NotificationId:
    """Read where a page of the same filter ended.

    Raises:
        ValueError: it is no cursor, or one of another account or filter.
    """
    try:
        packed = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
        month, number = date.fromordinal(int.from_bytes(packed[:4])), int.from_bytes(packed[4:12], signed=True)
    except (ValueError, OverflowError, binascii.Error):
        raise ValueError(_("cursor: is none of ours: begin without one")) from None
    if month.day != 1 or number < 0 or packed[12:] != digest(wanted):
        raise ValueError(_("cursor: belongs to another account or filter: begin without one"))
    return month, number


def digest(wanted: Filter | EventFilter) -> bytes:
    return hashlib.sha256(repr(astuple(wanted)).encode()).digest()[:8]

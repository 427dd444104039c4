"""What a search knows of a notification: its words, and terms by which an index finds it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from worker.core.history.filters import Filter, Subject
from worker.core.history.keywords import terms, trigrams, words
from worker.core.planning.channel import CHANNELS, SMS

#: Channels with a term: most rows go by SMS. What falls back to it keeps the term of the channel that was planned, so
#: whoever asks for a channel looks at the rows, too.
RARE = frozenset(CHANNELS) - {SMS}


@dataclass(frozen=True, slots=True)
class Searched:
    """A notification as it is planned."""

    month: date
    id: int
    account: str
    text: str
    phone: str | None
    trigger: str
    channel: str
    recipient: Subject
    phone_key: bytes
    client: str | None
    record: Subject | None
    event_id: str | None


@dataclass(frozen=True, slots=True)
class SearchEntry:
    month: date
    account: str
    notification: int
    name: str | None
    words: str
    terms: list[int]


def entry(searched: Searched, name: str | None) -> SearchEntry:
    looked_in = words(searched.text, name, searched.phone)
    numbers = terms(searched.account, (*trigrams(looked_in), *_parts_of(searched)))
    return SearchEntry(searched.month, searched.account, searched.id, name, looked_in, numbers)


def _parts_of(searched: Searched) -> Iterator[str]:
    parts = {
        "trigger": searched.trigger,
        "channel": searched.channel in RARE and searched.channel,
        "person": searched.recipient,
        "phone": searched.phone_key.hex(),
        "client": searched.client,
        "record": searched.record,
        "event": searched.event_id,
    }
    return (_part(kind, value) for kind, value in parts.items() if value)


@dataclass(frozen=True, slots=True)
class Terms:
    """What an index is asked for: entries with all of `every`, and one of `some` where there are any."""

    every: list[int]
    some: list[int]


def terms_of(wanted: Filter) -> Terms:
    """Terms of whatever is asked for; a channel if nothing else is."""
    few = [*wanted.keywords.terms, *_narrow(wanted)]
    triggers = [_part("trigger", trigger) for trigger in wanted.triggers]
    channel = [_part("channel", wanted.channel)] if wanted.channel in RARE and not few else []
    one, several = (triggers, []) if len(triggers) == 1 else ([], triggers)
    account = wanted.account or ""
    return Terms(terms(account, [*few, *one, *channel]), terms(account, several))


def _narrow(wanted: Filter) -> Iterator[str]:
    parts = {
        "person": wanted.recipient,
        "phone": wanted.phone_key and wanted.phone_key.hex(),
        "client": wanted.client,
        "record": wanted.record,
        "event": wanted.event,
    }
    return (_part(kind, value) for kind, value in parts.items() if value)


def _part(kind: str, value: object) -> str:
    """A term that is no three letters in a row, which have no slash."""
    return f"{kind}/{value}"

"""Who gets a text: recipients of the kinds of a trigger, each once; else perhaps the phone on the record."""

from collections.abc import Iterator
from dataclasses import dataclass

from worker.core.contract.data import Data, Person
from worker.core.contract.event_types import TYPES
from worker.core.contract.phone import BadPhone, normalise
from worker.core.triggers.recipient_key import key_of
from worker.core.triggers.trigger import Trigger


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person of an event; without a usable phone, `phone` is the reason.

    `key` is an HMAC of the phone, or of `kind:id` without one: erasing the phone keeps deduplication.
    """

    recipient_kind: str
    id: str
    phone: str | BadPhone
    key: bytes
    person: Person


def recipients_for(trigger: Trigger, data: Data, *, salt: bytes) -> Iterator[Recipient]:
    recipients = [
        recipient_of(person, salt=salt) for person in data.recipients if person.kind in trigger.recipient_kinds
    ]
    if trigger.message_class == "staff":
        recipients = colleagues(recipients)
    if trigger.falls_back and not any(isinstance(recipient.phone, str) for recipient in recipients):
        recipients += (recipient_of(person, salt=salt) for person in on_the_record(trigger, data))
    seen: set[bytes] = set()
    # Of two people on one phone the author is the one who needs no text.
    for recipient in (
        sorted(recipients, key=lambda recipient: is_author(recipient, trigger, data)) if trigger.author else recipients
    ):
        if recipient.key not in seen:
            seen.add(recipient.key)
            yield recipient


def is_author(recipient: Recipient, trigger: Trigger, data: Data) -> bool:
    return any(recipient.id == field.of(TYPES[trigger.event].record_in(data)) for field in trigger.author)


def colleagues(recipients: list[Recipient]) -> list[Recipient]:
    """Each colleague once, at the first phone that can be used: creator and assignee may be one person."""
    firsts: dict[str, Recipient] = {}
    for recipient in recipients:
        known = firsts.get(recipient.id)
        if known is None or (not isinstance(known.phone, str) and isinstance(recipient.phone, str)):
            firsts[recipient.id] = recipient
    return list(firsts.values())


def on_the_record(trigger: Trigger, data: Data) -> Iterator[Person]:
    record_kind = TYPES[trigger.event].record_kind_of(data)
    record = data.record(record_kind)
    if record.phonenumber:
        yield Person({**record.json, "kind": record_kind})


def recipient_of(person: Person, *, salt: bytes) -> Recipient:
    kind, id_ = person.kind, person.id
    phone = normalise(person.phonenumber)
    address = phone if isinstance(phone, str) else f"{kind}:{id_}"
    return Recipient(kind, id_, phone, key_of(address, salt=salt), person)

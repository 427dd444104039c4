"""Who hears of an event: the people the CRM named, of the kinds a trigger speaks to, each once."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from worker.core.catalogue import Trigger
from worker.core.facts import Facts, word
from worker.core.phone import BadPhone, normalise


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person of an event; without a usable phone, `phone` says why.

    Attributes:
        key: HMAC of the phone (of `kind:id` without one), so that erasing the phone keeps deduplication.
    """

    kind: str
    id: str
    phone: str | BadPhone
    key: bytes
    facts: Facts


def hearers(trigger: Trigger, facts: Facts, *, salt: bytes) -> Iterator[Recipient]:
    """The recipients this trigger speaks to, one per phone."""
    seen: set[bytes] = set()
    for person in people(facts):
        if person.get("kind") not in trigger.hears:
            continue
        found = recipient(person, salt=salt)
        if found.key not in seen:
            seen.add(found.key)
            yield found


def people(facts: Facts) -> list[Facts]:
    """`data.recipients`, as it came."""
    return cast("list[Facts]", facts.get("recipients") or [])


def recipient(person: Facts, *, salt: bytes) -> Recipient:
    """One person of `data.recipients`."""
    kind, identity = word(person.get("kind")), word(person.get("id"))
    phone = normalise(word(person.get("phonenumber")))
    address = phone if isinstance(phone, str) else f"{kind}:{identity}"
    return Recipient(kind, identity, phone, key_of(address, salt=salt), person)


def key_of(address: str, *, salt: bytes) -> bytes:
    """The recipient key of a phone in E.164 form, or of `kind:id`: 16 bytes."""
    return hmac.digest(salt, address.encode(), hashlib.sha256)[:16]

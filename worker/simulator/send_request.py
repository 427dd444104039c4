"""The structure of a send body, read out before anything in it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from worker.simulator.answers import Refused
from worker.simulator.http_request import Content, as_array, as_object

_MOST_RECIPIENTS = 5000


@dataclass(frozen=True, slots=True)
class Part:
    """What one channel of an order asks for; sender and text as they came, of any type.

    Attributes:
        own: the fields inside its object, which no other channel has.
    """

    sender: object
    text: object
    own: Content


@dataclass(frozen=True, slots=True)
class Order:
    """What a send body asks for, for SMS, Viber or both; the start time as it came, of any type."""

    key: str | None
    recipients: tuple[str, ...]
    start_time: object
    sms: Part | None
    viber: Part | None


def read_order(content: Content, key_cap: int) -> Order | Refused:
    """The order in a body, or the code of its wrong structure: 300, 202 or 405."""
    key = content.get("sequence_id")
    found = {name: as_object(content[name]) for name in ("sms", "viber") if name in content}
    parts = {name: own for name, own in found.items() if own is not None}
    if not parts or len(parts) < len(found) or not (key is None or is_key(key, key_cap)):
        return Refused(300)
    recipients = _recipients(_common("recipients", content, parts))
    if isinstance(recipients, Refused):
        return recipients
    return Order(
        key=cast("str | None", key),
        recipients=recipients,
        start_time=_common("start_time", content, parts),
        sms=_part(content, parts.get("sms")),
        viber=_part(content, parts.get("viber")),
    )


def is_key(key: object, cap: int) -> bool:
    """Whether it can be a `sequence_id`."""
    return isinstance(key, str) and 0 < len(key) <= cap


def bodies_in(method: str, content: Content) -> tuple[Content, ...]:
    """The send bodies in a request: itself, or the labelled ones of `message/sendmulti`."""
    if method != "message/sendmulti":
        return (content,)
    return tuple(body for body in map(as_object, content.values()) if body is not None)


def texts_of(content: Content) -> tuple[str, ...]:
    """Every text in a send body, sound or not."""
    channels = (content, as_object(content.get("sms")) or {}, as_object(content.get("viber")) or {})
    texts = (channel.get("text") for channel in channels)
    return tuple(text for text in texts if isinstance(text, str))


def phones_of(content: Content) -> tuple[str, ...]:
    """Every recipient in a send body, sound or not."""
    parts = {name: as_object(content.get(name)) or {} for name in ("sms", "viber")}
    given = as_array(_common("recipients", content, parts)) or []
    return tuple(phone for phone in given if isinstance(phone, str))


def _common(name: str, content: Content, parts: Mapping[str, Content]) -> object:
    """A field that stands at the top, or in a channel, where it counts more."""
    return next((own[name] for own in parts.values() if name in own), content.get(name))


def _part(content: Content, own: Content | None) -> Part | None:
    if own is None:
        return None
    return Part(own.get("sender", content.get("sender")), own.get("text", content.get("text")), own)


def _recipients(given: object) -> tuple[str, ...] | Refused:
    if not given:
        return Refused(202)
    phones = as_array(given)
    if phones is None or not all(isinstance(phone, str) for phone in phones):
        return Refused(300)
    if len(phones) > _MOST_RECIPIENTS:
        return Refused(405)
    return tuple(cast("list[str]", phones))

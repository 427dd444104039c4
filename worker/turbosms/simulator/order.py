"""The structure of a send body, read out before anything in it is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from worker.turbosms.simulator.answers import Refused
from worker.turbosms.simulator.wire import Content, as_array, as_object

_MOST_RECIPIENTS = 5000


@dataclass(frozen=True, slots=True)
class Order:
    """What a send body asks for; sender, text and start time as they came, of any type."""

    key: str | None
    recipients: tuple[str, ...]
    sender: object
    text: object
    start_time: object
    viber: bool


def read_order(content: Content, key_cap: int) -> Order | Refused:
    """The order in a body, or the code of its wrong structure: 300, 202 or 405."""
    key = content.get("sequence_id")
    sms = _channel(content)
    if isinstance(sms, Refused) or not (key is None or is_key(key, key_cap)):
        return Refused(300)
    recipients = _recipients(sms.get("recipients", content.get("recipients")))
    if isinstance(recipients, Refused):
        return recipients
    return Order(
        key=cast("str | None", key),
        recipients=recipients,
        sender=sms.get("sender", content.get("sender")),
        text=sms.get("text", content.get("text")),
        start_time=sms.get("start_time", content.get("start_time")),
        viber="viber" in content,
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
    sms = as_object(content.get("sms")) or {}
    given = as_array(sms.get("recipients", content.get("recipients"))) or []
    return tuple(phone for phone in given if isinstance(phone, str))


def _channel(content: Content) -> Content | Refused:
    """The SMS part; a Viber-only order is read from its Viber part, to be refused for its sender."""
    sms = as_object(content.get("sms", content.get("viber")))
    return Refused(300) if sms is None else sms


def _recipients(given: object) -> tuple[str, ...] | Refused:
    if not given:
        return Refused(202)
    phones = as_array(given)
    if phones is None or not all(isinstance(phone, str) for phone in phones):
        return Refused(300)
    if len(phones) > _MOST_RECIPIENTS:
        return Refused(405)
    return tuple(cast("list[str]", phones))

"""The bodies we POST to TurboSMS, as bytes; how they travel is the client's."""

import re
from collections.abc import Mapping, Sequence

import orjson

from worker.core.texts.viber_message import TEXT_MAX, Viber, faults

RECIPIENTS_AT_MOST = 5_000
"""Phones in one `message/send`; more are refused whole with 405 (https://turbosms.ua/en/api.html)."""

ITEMS_AT_MOST = 100
"""Bodies in one `message/sendmulti`: our own bound, the provider publishes none."""

_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")
_LABEL = re.compile(r"[0-9a-f]{32}")
_DIGITS = re.compile(r"[0-9]{1,15}")


def send_body(
    *, key: str, text: str, phones: Sequence[str], sender: str | None = None, viber: Viber | None = None
) -> bytes:
    """Encode one text for one or more phones as a `message/send` body; equal arguments give equal bytes.

    `key` is the `sequence_id`, under which TurboSMS executes the request once. Phones are international numbers, digits
    only or with a leading plus. With both a sender and a Viber part it is a hybrid: Viber first, and the SMS where that
    does not arrive in time.

    Raises:
        ValueError: a key or a phone that TurboSMS could misread, a phone twice, none, or too many of them; neither SMS
            nor Viber; something for Viber that TurboSMS refuses.
    """
    if not _KEY.fullmatch(key):
        raise ValueError("key: use 1 to 40 of A-Z a-z 0-9 _ -, TurboSMS keeps no more")
    channels: dict[str, object] = {}
    if sender is not None:
        channels["sms"] = _sms(sender, text, viber)
    if viber is not None:
        channels["viber"] = _viber(viber, text)
    if not channels:
        raise ValueError("sender: give one for an SMS, or a Viber part, or both")
    return orjson.dumps({"sequence_id": key, "recipients": _recipients(phones), **channels})


def multi_body(items: Mapping[str, bytes]) -> bytes:
    """Encode several send bodies, each byte for byte as it is stored, by the attempt's key, which labels its answer.

    The answer holds a row for every phone: more than `RECIPIENTS_AT_MOST` in all items together may not fit what the
    client reads.

    Raises:
        ValueError: no items or too many, a label that is no attempt's key, a body that is no JSON object.
    """
    if not 1 <= len(items) <= ITEMS_AT_MOST:
        raise ValueError(f"items: give 1 to {ITEMS_AT_MOST}, not {len(items)}")
    if not all(map(_LABEL.fullmatch, items)):
        raise ValueError("items: label each with its attempt's key, 32 of 0-9 a-f")
    if not all(body.startswith(b"{") and body.endswith(b"}") for body in items.values()):
        raise ValueError("items: give each the body that send_body made; a settled attempt has none any more")
    return orjson.dumps({label: orjson.Fragment(body) for label, body in items.items()})


def _sms(sender: str, text: str, viber: Viber | None) -> dict[str, object]:
    """Its wait for Viber is in here: anywhere else TurboSMS ignores it."""
    wait = viber and viber.options.ttl
    return {"sender": sender, "text": text} if wait is None else {"sender": sender, "text": text, "hybrid_ttl": wait}


def _viber(viber: Viber, text: str) -> dict[str, object]:
    if not viber.sender.strip():
        raise ValueError("viber.sender: give the Viber sender that TurboSMS approved")
    if len(text) > TEXT_MAX:
        raise ValueError(f"text: give at most {TEXT_MAX} characters, Viber takes no more")
    if wrong := next(faults(viber.options), None):
        raise ValueError(f"viber.{wrong}")
    options = viber.options
    asked: dict[str, object] = {
        "ttl": options.ttl,
        "image_url": options.picture,
        "caption": options.button and options.button.caption,
        "action": options.button and options.button.link,
        "is_transactional": 1 if options.transactional else None,
    }
    return {"sender": viber.sender, "text": text, **{name: value for name, value in asked.items() if value is not None}}


def _recipients(phones: Sequence[str]) -> list[str]:
    recipients = [phone.removeprefix("+") for phone in phones]
    if not 1 <= len(recipients) <= RECIPIENTS_AT_MOST:
        raise ValueError(f"phones: give 1 to {RECIPIENTS_AT_MOST}, not {len(recipients)}")
    if not all(map(_DIGITS.fullmatch, recipients)):
        raise ValueError("phones: write each as up to 15 digits with the country code, as 380671234567")
    if len(set(recipients)) < len(recipients):
        raise ValueError("phones: name each once, TurboSMS answers a second mention with 407")
    return recipients

"""The bodies we POST to TurboSMS, as bytes; how they travel is the client's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import orjson

RECIPIENTS_AT_MOST = 5_000
"""Phones in one `message/send`; more are refused whole with 405 (https://turbosms.ua/en/api.html)."""

ITEMS_AT_MOST = 100
"""Bodies in one `message/sendmulti`: our own bound, the provider publishes none."""

_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")
_LABEL = re.compile(r"[0-9a-f]{32}")
_DIGITS = re.compile(r"[0-9]{1,15}")


def send_body(*, key: str, sender: str, text: str, phones: Sequence[str]) -> bytes:
    """The `message/send` body of one SMS for one or more phones; equal arguments give equal bytes.

    Args:
        key: the `sequence_id`, under which TurboSMS executes the request once.
        sender: a registered sender name.
        text: as it shall arrive.
        phones: international numbers, digits only or with a leading plus, each once.

    Raises:
        ValueError: a key or a phone that TurboSMS could misread, a phone twice, none, or too many of them.
    """
    if not _KEY.fullmatch(key):
        raise ValueError("key: use 1 to 40 of A-Z a-z 0-9 _ -, TurboSMS keeps no more")
    recipients = _recipients(phones)
    return orjson.dumps(
        {"sequence_id": key, "recipients": recipients, "sms": {"sender": sender, "text": text}},
    )


def multi_body(items: Mapping[str, bytes]) -> bytes:
    """The `message/sendmulti` body that carries several send bodies, each byte for byte as it is stored.

    The answer holds a row for every phone: more than `RECIPIENTS_AT_MOST` in all items together may not fit what
    the client reads.

    Args:
        items: what `send_body` made, by the attempt's key, which is the label of its answer.

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


def _recipients(phones: Sequence[str]) -> list[str]:
    recipients = [phone.removeprefix("+") for phone in phones]
    if not 1 <= len(recipients) <= RECIPIENTS_AT_MOST:
        raise ValueError(f"phones: give 1 to {RECIPIENTS_AT_MOST}, not {len(recipients)}")
    if not all(map(_DIGITS.fullmatch, recipients)):
        raise ValueError("phones: write each as up to 15 digits with the country code, as 380671234567")
    if len(set(recipients)) < len(recipients):
        raise ValueError("phones: name each once, TurboSMS answers a second mention with 407")
    return recipients

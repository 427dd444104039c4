"""The bodies we POST to TurboSMS, as bytes; how they travel is the client's."""

from __future__ import annotations

import re
from collections.abc import Sequence

import orjson

RECIPIENTS_AT_MOST = 5_000
"""Phones in one `message/send`; more are refused whole with 405 (https://turbosms.ua/en/api.html)."""

_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")
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


def _recipients(phones: Sequence[str]) -> list[str]:
    recipients = [phone.removeprefix("+") for phone in phones]
    if not 1 <= len(recipients) <= RECIPIENTS_AT_MOST:
        raise ValueError(f"phones: give 1 to {RECIPIENTS_AT_MOST}, not {len(recipients)}")
    if not all(map(_DIGITS.fullmatch, recipients)):
        raise ValueError("phones: write each as up to 15 digits with the country code, as 380671234567")
    if len(set(recipients)) < len(recipients):
        raise ValueError("phones: name each once, TurboSMS answers a second mention with 407")
    return recipients

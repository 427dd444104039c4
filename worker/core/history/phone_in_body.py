"""A phone in the bytes of an event, however it is spelled there."""

import re

from worker.core.contract.phone import national_digits

#: What people write between the digits of a phone.
BETWEEN_DIGITS = " \t\u00a0().-"
_BETWEEN = f"[{re.escape(BETWEEN_DIGITS)}]{{0,3}}"


def names_phone(body: bytes, phone: str) -> bool:
    """Whether an event has these digits, as those of no longer number."""
    prefix = rf"(?<!\d)\+?(?:\d{_BETWEEN}){{0,4}}?"
    digits = _BETWEEN.join(national_digits(phone))
    return re.search(rf"{prefix}{digits}(?!\d)", body.decode(errors="replace")) is not None

"""Which country a phone number belongs to, as the simulated provider sees it."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

_NOT_DIGITS = re.compile(r"\D", re.ASCII)
_UKRAINIAN_MOBILE = re.compile(r"380(?:39|50|6[36-8]|7[1-357]|9[1-9])[0-9]{7}")


def digits_of(phone: str) -> str:
    """The number without plus sign, spaces and punctuation."""
    return phone if phone.isascii() and phone.isdecimal() else _NOT_DIGITS.sub("", phone)


def country_of(digits: str) -> str | None:
    """The ISO country of an international number, or None when no operator would know it."""
    if digits.startswith("380"):
        return "UA" if _UKRAINIAN_MOBILE.fullmatch(digits) else None
    return _foreign_country(digits)


@lru_cache(maxsize=4096)
def _foreign_country(digits: str) -> str | None:
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.region_code_for_number(number) if phonenumbers.is_valid_number(number) else None

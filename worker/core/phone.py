"""Turns what people type into a phone field into one E.164 number, or says why it cannot be one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
    format_number,
    is_possible_number_with_reason,
    number_type,
    parse,
)

Reason = Literal["no_phone", "bad_phone", "landline"]


@dataclass(frozen=True, slots=True)
class BadPhone:
    """Why a field holds no number that could get an SMS."""

    reason: Reason


_NONE, _BAD, _LANDLINE = BadPhone("no_phone"), BadPhone("bad_phone"), BadPhone("landline")
_LONGEST_FIELD = 200
_LONGEST_PLAIN = 32
_SEPARATORS = str.maketrans("", "", " \u00a0()-.")
# Ukraine's mobile ranges as libphonenumber knows them; a test holds the two equal.
_MOBILE = re.compile(r"(?:\+?38|8)?(0(?:39|50|6[36-8]|7[1-357]|9[1-9])\d{7})", re.ASCII)
_FILLING = r" \t\u00a0\u00ad\u200b-\u200f\u2010-\u2015\u202a-\u202f\u2060-\u2069\u2212\ufeff().\[\]/~_'\-"
_RUN = re.compile(rf"(?:\+[{_FILLING}]*)?\d[\d{_FILLING}]*")
_SPLITS = (re.compile(r" */ *|\s{2,}"), re.compile(r"[\s/]+"))
_OLD_TRUNK = re.compile(r"8(0[1-9]\d{8})", re.ASCII)
# A piece of a run counts only in a full spelling, lest a gap in one number make another.
_FULL = re.compile(r"\+\d{8,15}|00\d{8,15}|0\d{9}|80\d{9}|380\d{9}", re.ASCII)
_REGION = "UA"


def normalise(raw: str | None, *, region: str = _REGION) -> str | BadPhone:
    """The first usable number of a phone field in E.164 (`+380671234567`), or why there is none.

    Only what the numbering plan calls impossible and known landlines are turned down: a possible number
    outside the known ranges passes, because plans grow faster than libraries learn.

    Args:
        raw: the field as typed: spaces, brackets, `tel:`, full-width digits, two numbers, `80…` and all.
        region: two-letter country of a number written without its country code.
    """
    if not raw:
        return _NONE
    if region == _REGION and len(raw) <= _LONGEST_PLAIN:
        mobile = _MOBILE.fullmatch(raw.translate(_SEPARATORS))
        if mobile is not None:
            return f"+38{mobile[1]}"
    return _first_usable(raw[:_LONGEST_FIELD], region)


def masked(e164: str) -> str:
    """A number fit for display: `+38067***4567`; at least three digits are always hidden."""
    match len(e164):
        case length if length >= len("+380671234567"):
            return f"{e164[:6]}***{e164[-4:]}"
        case length if length > len("+4850123"):
            return f"{e164[:4]}***{e164[-2:]}"
        case _:
            return "***"


def _first_usable(raw: str, region: str) -> str | BadPhone:
    runs = _RUN.findall(unicodedata.normalize("NFKC", raw))
    worst = _BAD if runs else _NONE
    for digits in _candidates(runs):
        number = _number(digits, region)
        if isinstance(number, str):
            return number
        if number is _LANDLINE:
            worst = _LANDLINE
    return worst


def _candidates(runs: list[str]) -> Iterator[str]:
    """Every run whole, then the pieces of runs that may be two numbers with only a space between them."""
    yield from map(_compact, runs)
    for split in _SPLITS:
        for run in runs:
            pieces = [_compact(piece) for piece in split.split(run)]
            yield from (piece for piece in pieces if len(pieces) > 1 and _FULL.fullmatch(piece))


def _compact(run: str) -> str:
    digits = "".join(str(unicodedata.decimal(char)) for char in run if char.isdecimal())
    return f"+{digits}" if run.startswith("+") else digits


@lru_cache(maxsize=4096)
def _number(digits: str, region: str) -> str | BadPhone:
    """One number in E.164, once writing it so and reading it back changes nothing more."""
    if region == _REGION and (mobile := _MOBILE.fullmatch(digits)):
        return f"+38{mobile[1]}"
    trunk = _OLD_TRUNK.fullmatch(digits) if region == _REGION else None
    written = f"+38{trunk[1]}" if trunk else digits
    for _ in range(4):
        try:
            number = parse(written, region)
        except NumberParseException:
            return _BAD
        if is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
            return _BAD
        again = format_number(number, PhoneNumberFormat.E164)
        if again == written:
            return _LANDLINE if number_type(number) == PhoneNumberType.FIXED_LINE else again
        written = again
    return _BAD

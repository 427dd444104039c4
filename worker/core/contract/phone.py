"""Turns what people type into a phone field into one E.164 number, or the reason why it is none."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    format_number,
    number_type,
    parse,
)

from worker.language import _

Reason = Literal["no_phone", "bad_phone", "landline"]


@dataclass(frozen=True, slots=True)
class BadPhone:
    reason: Reason


@dataclass(frozen=True, slots=True)
class Numbers:
    usable: tuple[str, ...]
    others: int


_NONE, _BAD, _LANDLINE = BadPhone("no_phone"), BadPhone("bad_phone"), BadPhone("landline")
#: Too short for anybody to have meant a phone by it.
_NOTE = BadPhone("bad_phone")
_LONGEST_FIELD = 200
_LONGEST_PLAIN = 32
_SEPARATORS = str.maketrans("", "", " \u00a0()-.")
# Ukraine's mobile ranges as libphonenumber knows them; a test holds the two equal.
_MOBILE = re.compile(r"(?:\+?(?:38){1,2}|8)?(0(?:39|50|6[36-8]|7[1-357]|9[1-9])\d{7})", re.ASCII)
_FILLING = r" \t\u00a0\u00ad\u200b-\u200f\u2010-\u2015\u202a-\u202f\u2060-\u2069\u2212\ufeff().\[\]/~_'\-"
_RUN = re.compile(rf"(?:\+[{_FILLING}]*)?\d[\d{_FILLING}]*")
#: Where one number may end and something else begin; the number of a note in brackets is no part of one.
_SPLITS = (re.compile(r" */ *|\s{2,}|\s*[(\[]\d{1,3}[)\]]\s*$"), re.compile(r"[\s/]+"))
_OLD_TRUNK = re.compile(r"8(0[1-9]\d{8})", re.ASCII)
# A piece of a run counts only in a full spelling, lest a gap in one number make another.
_FULL = re.compile(r"\+\d{8,15}|00\d{8,15}|0\d{9}|80\d{9}|380\d{9}", re.ASCII)
#: Fewer digits are a note beside a number and no attempt at one.
_SHORTEST = 7
#: Ukraine's plan keeps 7x for mobile operators: a code that is new to libphonenumber is rather one of theirs than none.
_KEPT_FOR_MOBILE = re.compile(r"7\d{8}", re.ASCII)
#: The Cyrillic letter that is typed for a 3.
ZE = re.compile(r"(?<=[\d+(])[Зз]|[Зз](?=\d)")
_GETS_SMS = frozenset(
    {
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.VOIP,
    }
)
#: Digits of a masked number, as `masked` of phone_mask.py has them: `38067***4567`.
_FIRST_SHOWN, _HIDDEN, _LAST_SHOWN = 5, 3, 4
_LONGEST_NUMBER = 15
_REGION, _COUNTRY = "UA", 380
#: The digits of a number without its country or trunk prefix: what every spelling of it has.
_NATIONAL = 9


def normalise(raw: str | None, *, region: str = _REGION) -> str | BadPhone:
    """The first usable number of a phone field in E.164 (`+380671234567`), or why there is none.

    A number must be one that can exist and get an SMS: landlines and service numbers such as 0800 do not. Of Ukraine's
    numbers only mobile ones pass. `region` is the country of numbers without a country code.
    """
    if not raw:
        return _NONE
    if region == _REGION and len(raw) <= _LONGEST_PLAIN:
        mobile = _MOBILE.fullmatch(raw.translate(_SEPARATORS))
        if mobile is not None:
            return f"+38{mobile[1]}"
    worst = _NONE
    for number in _outcomes(raw[:_LONGEST_FIELD], region):
        if isinstance(number, str):
            return number
        if worst is not _LANDLINE:
            worst = number
    return worst


def numbers_in(raw: str, *, region: str = _REGION) -> Numbers:
    """All that a field holds; `normalise` takes the first."""
    outcomes = _outcomes(raw, region)
    usable = [outcome for outcome in outcomes if isinstance(outcome, str)]
    others = sum(isinstance(outcome, BadPhone) and outcome is not _NOTE for outcome in outcomes)
    return Numbers(tuple(dict.fromkeys(usable)), others)


def masked_phones(text: str) -> str:
    """A text with its phones masked, those that get no SMS too; it stays as long as it was."""
    masked = text
    for run in _RUN.finditer(ZE.sub("3", text)):
        if any(is_number(outcome) for outcome in _read(run[0], _REGION)):
            first, last = run.span()
            masked = masked[:first] + masked_digits(run[0]) + masked[last:]
    return masked


def masked_digits(text: str) -> str:
    """What is known to be a phone, or several, with at least three digits hidden; it stays as long as it was."""
    digits = [at for at, char in enumerate(text) if char.isdecimal()]
    last = max(0, min(_LAST_SHOWN, len(digits) - _HIDDEN))
    first = max(0, min(_FIRST_SHOWN, len(digits) - _HIDDEN - last)) if len(digits) <= _LONGEST_NUMBER else 0
    hidden = set(digits[first : len(digits) - last])
    return "".join("*" if at in hidden else char for at, char in enumerate(text))


def is_number(outcome: str | BadPhone) -> bool:
    return outcome is _LANDLINE or isinstance(outcome, str)


def only_phone(text: str) -> str:
    """Normalise the one number of an argument.

    Raises:
        ValueError: it holds no mobile number, or several.
    """
    number = normalise(text)
    if isinstance(number, BadPhone):
        raise ValueError(_("no mobile number ({reason})", reason=number.reason))  # noqa: TRY004 (a value, not a type)
    if len(numbers_in(text).usable) > 1:
        raise ValueError(_("several numbers: give one"))
    return number


def _outcomes(raw: str, region: str) -> list[str | BadPhone]:
    """What each number of a field is, in order; a letter typed for a 3 is one only where there is no number else."""
    text = unicodedata.normalize("NFKC", raw)
    outcomes = [phone for run in _RUN.findall(text) for phone in _read(run, region)]
    if not any(isinstance(outcome, str) for outcome in outcomes) and (corrected := ZE.sub("3", text)) != text:
        return [phone for run in _RUN.findall(corrected) for phone in _read(run, region)]
    return outcomes


def _read(run: str, region: str) -> Iterator[str | BadPhone]:
    """A run of digits whole, or else its pieces if one of them is a number that only a space parts from the next."""
    digits = _compact(run)
    whole = _number(digits, region) if len(digits) >= _SHORTEST else _NOTE
    for split in _SPLITS if isinstance(whole, BadPhone) else ():
        pieces = [piece for piece in map(_compact, split.split(run)) if len(piece) >= _SHORTEST]
        outcomes = [_number(piece, region) if _FULL.fullmatch(piece) else _BAD for piece in pieces]
        if any(isinstance(outcome, str) for outcome in outcomes):
            yield from outcomes
            return
    yield whole


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
    for _stage in range(4):
        try:
            number = parse(written, region)
        except NumberParseException:
            return _BAD
        again = format_number(number, PhoneNumberFormat.E164)
        if again == written:
            return again if (reason := _objection(number)) is None else reason
        written = again
    return _BAD


def _objection(number: PhoneNumber) -> BadPhone | None:
    type_ = number_type(number)
    if type_ == PhoneNumberType.UNKNOWN:
        is_new = number.country_code == _COUNTRY and _KEPT_FOR_MOBILE.fullmatch(str(number.national_number))
        return None if is_new else _BAD
    is_mobile = type_ == PhoneNumberType.MOBILE if number.country_code == _COUNTRY else type_ in _GETS_SMS
    return None if is_mobile else _LANDLINE


def national_digits(phone: str) -> str:
    """`671234567` of `+380671234567`."""
    return phone.removeprefix("+")[-_NATIONAL:]

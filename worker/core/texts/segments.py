"""How many SMS segments a text takes (3GPP TS 23.038 alphabets, TS 23.040 concatenation), and where it is cut."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["GSM-7", "UCS-2"]


@dataclass(frozen=True, slots=True)
class Segments:
    encoding: Encoding
    units: int
    count: int


_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = "\f^{}\\[~]|€"
#: A run of characters that GSM-7 lacks: one of them makes the whole text UCS-2.
OUTSIDE_GSM = re.compile(f"[^{re.escape(_BASIC + _EXTENDED)}]+")
_TWO_SEPTETS = re.compile(f"[{re.escape(_EXTENDED)}]")
_TWO_UNITS = re.compile("[\U00010000-\U0010ffff]")
# A character of two units is laid out as this mark and a filler: a part must not end on the mark.
#: So many different signs that GSM-7 lacks are a slip, more are another alphabet.
_FEW = 3
_FIRST_HALF = "\ud800"
_PAIR = f"{_FIRST_HALF}?"
#: Units in a text of one segment, and in each part of a longer one.
_ROOM: Mapping[Encoding, tuple[int, int]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}
#: The longest text that TurboSMS takes, in units: ten parts less nine.
LONGEST: Mapping[Encoding, int] = {"GSM-7": 1521, "UCS-2": 661}


def segments(text: str) -> Segments:
    """The segments of a text, cut where a phone would: never inside an escape pair or a surrogate pair.

    Units are septets for GSM-7 (`^{}[]~|€` and the backslash count two) and UTF-16 units for UCS-2 (an
    emoji counts two or more). An empty text has no segments. A lone surrogate is no text; clean it first.
    """
    encoding, laid_out = _laid_out(text)
    alone, part = _ROOM[encoding]
    units = len(laid_out)
    if units <= alone:
        return Segments(encoding, units, min(units, 1))
    if _FIRST_HALF not in laid_out:
        return Segments(encoding, units, -(-units // part))
    return Segments(encoding, units, sum(1 for _ in _cuts(laid_out, part)))


def parts(text: str) -> tuple[str, ...]:
    """The text in the parts that a phone gets and joins; there are as many as segments to pay for."""
    encoding, laid_out = _laid_out(text)
    alone, part = _ROOM[encoding]
    if len(laid_out) <= alone:
        return (text,) if text else ()
    # Every mark stands before the second unit of one character.
    ends = [end - laid_out.count(_FIRST_HALF, 0, end) for end in _cuts(laid_out, part)]
    return tuple(text[start:end] for start, end in zip([0, *ends], ends, strict=False))


def to_cut(counted: Segments) -> int:
    """Units that must go for one segment fewer; 0 where there is but one."""
    alone, part = _ROOM[counted.encoding]
    fewer = counted.count - 1
    return counted.units - (alone if fewer == 1 else part * fewer) if fewer > 0 else 0


def costly_signs(text: str) -> tuple[str, ...]:
    """What makes a text UCS-2 that has hardly a sign outside GSM-7, each sign once; none where it is so by nature."""
    signs = tuple(dict.fromkeys(sign for run in OUTSIDE_GSM.findall(text) for sign in run))
    return signs if 0 < len(signs) <= _FEW else ()


def is_too_long(counted: Segments) -> bool:
    return counted.units > LONGEST[counted.encoding]


def _laid_out(text: str) -> tuple[Encoding, str]:
    if OUTSIDE_GSM.search(text) is None:
        return "GSM-7", _TWO_SEPTETS.sub(_PAIR, text)
    return "UCS-2", _TWO_UNITS.sub(_PAIR, text)


def _cuts(laid_out: str, part: int) -> Iterator[int]:
    start = 0
    while start < len(laid_out):
        end = min(start + part, len(laid_out))
        start = end - 1 if laid_out[end - 1] == _FIRST_HALF and end < len(laid_out) else end
        yield start

"""How many SMS segments a text takes (3GPP TS 23.038 alphabets, TS 23.040 concatenation)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text costs: its alphabet, its length in that alphabet's units, and the segments paid for."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    count: int


_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = "\f^{}\\[~]|€"
_OUTSIDE_GSM = re.compile(f"[^{re.escape(_BASIC + _EXTENDED)}]")
_TWO_SEPTETS = re.compile(f"[{re.escape(_EXTENDED)}]")
_TWO_UNITS = re.compile("[\U00010000-\U0010ffff]")
# A character of two units is laid out as this mark and a filler: a part must not end on the mark.
_FIRST_HALF = "\ud800"
_PAIR = f"{_FIRST_HALF}?"
_GSM_ALONE, _GSM_PART = 160, 153
_UCS_ALONE, _UCS_PART = 70, 67


def segments(text: str) -> Segments:
    """The segments of a text, cut where a phone would: never inside an escape pair or a surrogate pair.

    Units are septets for GSM-7 (`^{}[]~|€` and the backslash count two) and UTF-16 units for UCS-2 (an
    emoji counts two or more). An empty text has no segments. A lone surrogate is no text; clean it first.
    """
    if _OUTSIDE_GSM.search(text) is None:
        laid_out = _TWO_SEPTETS.sub(_PAIR, text)
        return Segments("GSM-7", len(laid_out), _count(laid_out, _GSM_ALONE, _GSM_PART))
    laid_out = _TWO_UNITS.sub(_PAIR, text)
    return Segments("UCS-2", len(laid_out), _count(laid_out, _UCS_ALONE, _UCS_PART))


def _count(laid_out: str, alone: int, part: int) -> int:
    units = len(laid_out)
    if units <= alone:
        return min(units, 1)
    if _FIRST_HALF not in laid_out:
        return -(-units // part)
    count = start = 0
    while start < units:
        end = start + part
        start = end - 1 if laid_out[end - 1 : end] == _FIRST_HALF else end
        count += 1
    return count

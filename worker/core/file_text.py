"""A file as people's programs save it: UTF-8, or what Excel makes of a table in Ukraine."""

import codecs
import unicodedata
from dataclasses import dataclass

UTF_8, UTF_16, WINDOWS = "UTF-8", "UTF-16", "Windows-1251"
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
#: What a text in Cyrillic holds beyond ASCII.
_USUAL = frozenset("абвгґдеєёжзиіїйклмнопрстуфхцчшщъыьэюя№«»–—’‘“”„…•°\u00a0")
#: Of what is beyond ASCII so much must be usual, or it was written in some other encoding.
_PLAUSIBLE = 0.95


class UnreadableError(Exception):
    """No encoding that we know makes a text of it."""


@dataclass(frozen=True, slots=True)
class FileText:
    text: str
    encoding: str


def decoded(raw: bytes) -> FileText:
    """Bytes as the text that they are most likely: by their mark, as UTF-8, or as Windows-1251 if that makes words."""
    for encoding in ("utf-16",) if raw.startswith(_MARKS) else ("utf-8-sig", unmarked(raw)):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and (encoding != "cp1251" or is_plausible(text)):
            return FileText(text, {"utf-8-sig": UTF_8, "cp1251": WINDOWS}.get(encoding, UTF_16))
    raise UnreadableError


def unmarked(raw: bytes) -> str:
    """What bytes without a mark are if not UTF-8: only in UTF-16 have figures and commas a zero byte, first or last."""
    if b"\0" not in raw:
        return "cp1251"
    return "utf-16-be" if raw[::2].count(0) > raw[1::2].count(0) else "utf-16-le"


def is_plausible(text: str) -> bool:
    beyond = [char for char in text.lower() if not char.isascii()]
    has_controls = any(unicodedata.category(char) == "Cc" and not char.isspace() for char in text)
    return not has_controls and sum(char in _USUAL for char in beyond) >= _PLAUSIBLE * len(beyond)

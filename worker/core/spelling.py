"""Other spellings of a text that take fewer segments: plain punctuation, and Latin letters for Ukrainian ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from worker.core.segment import segments


@dataclass(frozen=True, slots=True)
class Spelling:
    """What an account wants done with texts that become cheaper by it.

    Attributes:
        is_plain: quotes, dashes and the like as GSM-7 has them.
        is_latin: Ukrainian in Latin letters, with plain punctuation.
    """

    is_plain: bool = False
    is_latin: bool = False


AS_WRITTEN = Spelling()

#: What GSM-7 has for the punctuation that editors and phones put in.
PLAIN: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys("«»„“”‟″", '"'),
        **dict.fromkeys("‘’‚‛′ʼ`´", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("•·", "*"),
        "…": "...",
        "№": "No.",
        "×": "x",
        "₴": "UAH",
    }
)
# Resolution 55 of the Cabinet of Ministers of 27.01.2010; the last four letters are Russian and not in it.
_LATIN: Mapping[str, str] = MappingProxyType(
    {
        **dict(zip("абвгґдезиіїйклмнопрстуфыэ", "abvhgdezyiiiklmnoprstufye", strict=True)),
        **dict(zip("єжхцчшщюяё", ("ie", "zh", "kh", "ts", "ch", "sh", "shch", "iu", "ia", "io"), strict=True)),
        **dict.fromkeys("ьъ", ""),
    }
)
_LATIN_AT_START: Mapping[str, str] = MappingProxyType({"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya", "ё": "yo"})
_APOSTROPHES = "'’ʼ`"
_CYRILLIC = "\u0400-\u04ff"
# Links and addresses work only as they are written.
_ADDRESS = r"https?://\S+|www\.\S+|[^\s@]{1,64}@\S+|[\w.-]{1,100}\.укр\b\S*"
_WORD = f"[{_CYRILLIC}]+(?:[{_APOSTROPHES}][{_CYRILLIC}]+)*"
_PIECE = re.compile(f"(?P<address>{_ADDRESS})|(?P<word>{_WORD})|(?P<mark>[{''.join(PLAIN)}])", re.IGNORECASE)


def spelled(text: str, spelling: Spelling) -> str:
    """The text as it was written, or in the gentlest spelling the account allows that takes fewer segments."""
    if spelling == AS_WRITTEN:
        return text
    paid = segments(text).count
    for is_wanted, respell in ((spelling.is_plain, plain), (spelling.is_latin, latin)):
        other = respell(text) if is_wanted else text
        if segments(other).count < paid:
            return other
    return text


def plain(text: str) -> str:
    """The text with the punctuation of GSM-7; links and addresses stay as they are."""
    return _PIECE.sub(lambda piece: PLAIN[piece[0]] if piece["mark"] else piece[0], text)


def latin(text: str) -> str:
    """The text with Ukrainian in Latin letters by Resolution 55 of 2010, and plain punctuation."""
    return _PIECE.sub(_latin_piece, text)


def _latin_piece(piece: re.Match[str]) -> str:
    if piece["address"]:
        return piece[0]
    return PLAIN[piece[0]] if piece["mark"] else _latin_word(piece[0])


def _latin_word(word: str) -> str:
    letters = "".join(letter for letter in word if letter not in _APOSTROPHES)
    is_loud = len(letters) > 1 and letters.isupper()
    said: list[str] = []
    for place, letter in enumerate(letters):
        small = letter.lower()
        known = _LATIN_AT_START.get(small) if place == 0 else None
        if known is None and small == "г" and letters[place - 1 : place].lower() == "з":
            # Else it would read as `ж`.
            known = "gh"
        latin_letters = _LATIN.get(small, letter) if known is None else known
        if letter != small:
            latin_letters = latin_letters.upper() if is_loud else latin_letters.capitalize()
        said.append(latin_letters)
    return "".join(said)

"""Keywords of a search and what a text is found by: without case, accents of the keyboard or the form of a phone.

An index knows of each text its terms: every three letters or digits in a row, as a number that only one account has.
A text that has all terms of a keyword may hold it; whether it does is looked up in its words.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

LETTERS_MIN = 3
#: An apostrophe has many forms in Ukrainian texts, and a keyboard one.
APOSTROPHES = str.maketrans(dict.fromkeys("\u2019\u02bc\u2018\u0060\u00b4\u2032", "'"))
RUN = re.compile(r"[^\W_]+")
PHONE = re.compile(r"\+?[\d\s().-]*\d", re.ASCII)
#: Of a phone without its country; fewer may be an amount or a day.
PHONE_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Keywords:
    """What must all be in a text's words; `terms` are what an index can be asked for."""

    all: tuple[str, ...]
    terms: frozenset[str]

    def are_in(self, words: str) -> bool:
        return all(keyword in words for keyword in self.all)


def keywords(text: str) -> Keywords:
    """Split a search into keywords; a phone in any form is one, of its digits."""
    stripped = text.strip()
    digits = re.sub(r"\D", "", stripped)
    if PHONE.fullmatch(stripped) and len(digits) >= PHONE_DIGITS:
        return Keywords((digits,), frozenset(trigrams(digits)))
    parts = tuple(dict.fromkeys(part for part in folded(stripped).split() if RUN.search(part)))
    return Keywords(parts, frozenset(term for part in parts for term in trigrams(part)))


def words(text: str, name: str | None, phone: str | None) -> str:
    """What a keyword is looked for in."""
    return "\n".join(folded(part) for part in (text, name, phone) if part)


def folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold().translate(APOSTROPHES)


def trigrams(words: str) -> Iterable[str]:
    for run in RUN.findall(words):
        for first in range(len(run) - LETTERS_MIN + 1):
            yield run[first : first + LETTERS_MIN]


def terms(account: str, parts: Iterable[str]) -> list[int]:
    """Number what an index knows, so that an account's numbers are its own; that some meet by chance does no harm."""
    number = partial(_number, zlib.crc32(account.encode()))
    return sorted(set(map(number, parts)))


def _number(account: int, part: str) -> int:
    return zlib.crc32(part.encode(), account) - 2**31

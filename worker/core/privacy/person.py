"""Who is to be forgotten: their phones, their ids in the CRM, and the words that name them."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from worker.core.contract.phone import ZE, national_digits, numbers_in

#: Fields whose value names a person, by whatever section it is in.
NAMES = ("firstname", "lastname", "patronymic", "name", "client_name", "email")
#: Fields that hold a phone.
PHONES = ("phonenumber", "phone")
#: Fewer letters name nobody.
WORD_MIN = 3
#: How people and programs write an apostrophe.
APOSTROPHES = str.maketrans(dict.fromkeys("’ʼ`´", "'"))
#: Between two digits of a phone, as PostgreSQL's `escape` shows what lies there: signs, escapes of JSON and of bytes.
BETWEEN = r"(\\[0-7]{3}|\\\\u[0-9a-fA-F]{4}|\\\\[^u0-9]|[^0-9\\]){0,6}"
#: The Cyrillic letter that is typed for a 3, as bytes of UTF-8 and as JSON escapes it.
THREE = r"(3|\\320\\227|\\320\\267|\\\\u0417|\\\\u0437)"


@dataclass(frozen=True, slots=True)
class Traces:
    """What shows that something speaks of a person.

    Attributes:
        phones: in E.164.
        people: kind and id, by account.
        words: their names, addresses of mail and the like, without case.
        records: kind and id, by account, of what they were written to about; its facts may name them without a phone.
        events: numbers of events whose bodies spoke of them.
    """

    phones: frozenset[str]
    people: frozenset[tuple[str, str, str]] = frozenset()
    words: frozenset[str] = frozenset()
    records: frozenset[tuple[str, str, str]] = frozenset()
    events: frozenset[int] = frozenset()

    def __or__(self, other: Traces) -> Traces:
        return Traces(
            self.phones | other.phones,
            self.people | other.people,
            self.words | other.words,
            self.records | other.records,
            self.events | other.events,
        )

    def in_text(self, text: str) -> bool:
        """Whether a text has one of the phones, or names them."""
        if any(phone in numbers_in(text).usable for phone in self.phones) or self.has_digits(text):
            return True
        plain = folded(text)
        return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", plain) for word in self.words)

    def has_digits(self, text: str) -> bool:
        digits = re.sub(r"\D", "", ZE.sub("3", unicodedata.normalize("NFKC", text)))
        return any(national_digits(phone) in digits for phone in self.phones)

    def has_phone(self, section: Mapping[str, Any]) -> bool:
        return any(self.has_digits(str(section[name])) for name in PHONES if section.get(name) is not None)

    def has_person(self, account: str, kind: str, id_: object) -> bool:
        return id_ is not None and (account, kind, str(id_)) in self.people


def folded(text: str) -> str:
    """A text without case, with one kind of apostrophe, and without what a form escaped."""
    return unicodedata.normalize("NFKC", html.unescape(text)).translate(APOSTROPHES).casefold()


def words_of(section: Mapping[str, Any]) -> frozenset[str]:
    """The names in a section that is a person's."""
    values = (folded(str(section[name])).strip() for name in NAMES if isinstance(section.get(name), str))
    return frozenset(value for value in values if len(value) >= WORD_MIN)


def pattern_of(phones: Iterable[str]) -> str:
    """A regular expression that finds the phones in bytes as PostgreSQL's `escape` shows them, however spelt."""
    return "|".join(
        BETWEEN.join(THREE if digit == "3" else digit for digit in national_digits(phone)) for phone in phones
    )


def plain_pattern_of(phones: Iterable[str]) -> str:
    """The same for text."""
    digits = {"3": "[3Зз]"}
    return "|".join(
        "[^0-9]{0,6}".join(digits.get(digit, digit) for digit in national_digits(phone)) for phone in phones
    )


def needles_of(words: Iterable[str]) -> list[bytes]:
    """What bytes that name a person have in them: each word's longest run of letters, plain and as JSON escapes it.

    Small letters, and with a capital one: whoever writes a name otherwise is found by their id.
    """
    pieces = {max(re.findall(r"\w+", word), key=len) for word in words if re.search(r"\w{3}", word)}
    spelt = {form for piece in pieces for form in (piece, piece.capitalize(), piece.upper())}
    escaped = {json.dumps(form)[1:-1] for form in spelt}
    return sorted(form.encode() for form in spelt | escaped)


def as_json(traces: Traces) -> dict[str, Any]:
    return {
        "phones": sorted(traces.phones),
        "people": sorted(map(list, traces.people)),
        "words": sorted(traces.words),
        "records": sorted(map(list, traces.records)),
        "events": sorted(traces.events),
    }


def of_json(value: Mapping[str, Any]) -> Traces:
    """Traces as they were kept; a worker of before knows of no records or events."""
    people, records = (
        cast("list[tuple[str, str, str]]", [tuple(item) for item in value.get(name, ())])
        for name in ("people", "records")
    )
    phones, words, events = (frozenset(value.get(name, ())) for name in ("phones", "words", "events"))
    return Traces(phones, frozenset(people), words, frozenset(records), events)

"""A value that no rule can read, written as it should be: the same value, never another one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import cast
from zoneinfo import ZoneInfo

from worker.core.authoring.field_names import nearest
from worker.core.contract.facts import NO, YES

#: A day, by the order of its figures, and perhaps an hour without an offset.
_HOUR = r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?:\.\d+)?)?"
_DAYS = (
    re.compile(rf"(?P<year>\d{{4}})[-./](?P<month>\d{{1,2}})[-./](?P<day>\d{{1,2}}){_HOUR}", re.ASCII),
    re.compile(rf"(?P<day>\d{{1,2}})[-./](?P<month>\d{{1,2}})[-./](?P<year>\d{{4}}){_HOUR}", re.ASCII),
)
#: Seconds or milliseconds since 1970, of this century.
_STAMP = re.compile(r"(\d{10})(?:\d{3})?", re.ASCII)
#: Thousands apart or together, and perhaps figures behind a comma.
_SUM = re.compile(
    r"(?P<before>[^\d-]*)(?P<whole>-?(?:\d{1,3}(?:(?P<gap>[ ,.'\u00a0\u202f])\d{3})(?:(?P=gap)\d{3})*|\d+))"
    r"(?:[.,](?P<rest>\d{1,2}))?(?P<after>\D*)",
    re.ASCII,
)
_CURRENCIES: Mapping[str, str] = MappingProxyType(
    {"": "UAH", "грн": "UAH", "грн.": "UAH", "₴": "UAH", "$": "USD", "€": "EUR", "zł": "PLN", "£": "GBP"}
)
_LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("ua", "ukr", "ukrainian", "українська"), "uk"),
        **dict.fromkeys(("eng", "english", "англійська"), "en"),
        **dict.fromkeys(("rus", "russian", "російська"), "ru"),
        **dict.fromkeys(("pol", "polish", "польська"), "pl"),
    }
)
_MEANS: Mapping[str, bool] = MappingProxyType(
    {**dict.fromkeys((*YES, "так", "да"), True), **dict.fromkeys((*NO, "ні", "нет"), False)}
)
_QUOTED = re.compile(r"'([^']+)'")
#: Where a CRM that writes no offset most likely is.
_ZONE = ZoneInfo("Europe/Kyiv")


def rewritten(value: object, problem: str, is_right: Callable[[object], bool]) -> object | None:
    """The value in the first spelling that is right; None where it has none. `problem` may name what is allowed."""
    return next((one for one in _spellings(value, problem) if one != value and is_right(one)), None)


def _spellings(value: object, problem: str) -> Iterator[object]:
    match value:
        case bool():
            yield from (int(value), str(value).lower())
        case str():
            yield from _of_text(value.strip(), problem)
        case int() | float():
            yield from _of_number(value)
        case dict():
            items = cast("dict[str, object]", value)
            yield from ([items], list(items.values()))
        case list():
            items = cast("list[object]", value)
            yield from items[:1] if len(items) == 1 else ()
            yield {}
        case _:
            return


def _of_number(number: float) -> Iterator[object]:
    yield from _sums(str(number))
    if number in {0, 1}:
        yield bool(number)
    if number == int(number):
        yield int(number)
        yield f"{int(number)}.0"
    yield from (str(number), *_moments(str(number)), [number])


def _of_text(text: str, problem: str) -> Iterator[object]:
    folded = text.casefold()
    yield from (text, *_moments(text), *_sums(text), folded, text.upper())
    yield from (known[folded] for known in (_LANGUAGES, _CURRENCIES, _MEANS) if folded in known)
    if re.fullmatch(r"-?\d{1,18}", text, re.ASCII):
        yield from (int(text), f"{text}.0")
    yield f"/accounts/{folded.strip('/').removeprefix('accounts/')}"
    yield nearest(folded, _QUOTED.findall(problem))
    numbers = re.findall(r"\d{1,9}", text, re.ASCII)
    yield from ([int(one) for one in numbers], [text])


def _moments(text: str) -> Iterator[str]:
    """A day as ISO 8601 has it, and the moment of it."""
    if stamp := _STAMP.fullmatch(text):
        moment = datetime.fromtimestamp(int(stamp[1]), UTC).astimezone(_ZONE)
        yield from (moment.date().isoformat(), moment.isoformat())
    for pattern in _DAYS:
        if found := pattern.fullmatch(text):
            figures = {name: int(said) for name, said in found.groupdict().items() if said}
            try:
                yield date(figures["year"], figures["month"], figures["day"]).isoformat()
                yield datetime(**figures, tzinfo=_ZONE).isoformat()
            except ValueError:
                return


def _sums(text: str) -> Iterator[object]:
    """An amount as the contract has it, and the whole sum with its currency."""
    found = _SUM.fullmatch(text)
    # `1,250` is a thousand to one reader and a bit more than one to another.
    if found is None or (found["gap"] in {",", "."} and not found["rest"]):
        return
    amount = f"{Decimal(re.sub(r'[^0-9-]', '', found['whole']) + '.' + (found['rest'] or '0')):.2f}"
    yield amount
    mark = (found["before"] or found["after"]).strip().casefold()
    yield {"amount": amount, "currency": _CURRENCIES.get(mark, mark.upper())}

"""How a refused field should be written: the same value, never another one; and the event put right so."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import cast
from zoneinfo import ZoneInfo

import orjson
from pydantic import ValidationError

from worker.core.authoring.field_names import nearest
from worker.core.contract.event_types import TYPES, Envelope
from worker.core.contract.facts import NO, YES, Facts, as_facts, as_text
from worker.core.contract.fields import EXACT
from worker.core.contract.validation_errors import Fault, faults_of
from worker.language import _, marked

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
_CURRENCIES: Mapping[str, str] = {
    "": "UAH",
    "грн": "UAH",
    "грн.": "UAH",
    "₴": "UAH",
    "$": "USD",
    "€": "EUR",
    "zł": "PLN",
    "£": "GBP",
}
_LANGUAGES: Mapping[str, str] = {
    **dict.fromkeys(("ua", "ukr", "ukrainian", "українська"), "uk"),
    **dict.fromkeys(("eng", "english", "англійська"), "en"),
    **dict.fromkeys(("rus", "russian", "російська"), "ru"),
    **dict.fromkeys(("pol", "polish", "польська"), "pl"),
}
_MEANS: Mapping[str, bool] = {**dict.fromkeys(YES, True), **dict.fromkeys(NO, False)}
_QUOTED = re.compile(r"'([^']+)'")
#: Where a CRM that writes no offset most likely is.
_ZONE = ZoneInfo("Europe/Kyiv")


def rewritten(value: object, problem: str, is_right: Callable[[object], bool]) -> object | None:
    """The value in the first spelling that is right; None where it has none. `problem` may name what is allowed."""
    return next((spelling for spelling in _spellings(value, problem) if spelling != value and is_right(spelling)), None)


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
    yield from ([int(number) for number in numbers], [text])


def _moments(text: str) -> Iterator[str]:
    if stamp := _STAMP.fullmatch(text):
        moment = datetime.fromtimestamp(int(stamp[1]), UTC).astimezone(_ZONE)
        yield from (moment.date().isoformat(), moment.isoformat())
    for pattern in _DAYS:
        if match := pattern.fullmatch(text):
            figures = {name: int(item) for name, item in match.groupdict().items() if item}
            try:
                yield date(figures["year"], figures["month"], figures["day"]).isoformat()
                yield datetime(**figures, tzinfo=_ZONE).isoformat()
            except ValueError:
                return


def _sums(text: str) -> Iterator[object]:
    match = _SUM.fullmatch(text)
    # `1,250` is a thousand to one reader and a bit more than one to another.
    if match is None or (match["gap"] in {",", "."} and not match["rest"]):
        return
    amount = f"{Decimal(re.sub(r'[^0-9-]', '', match['whole']) + '.' + (match['rest'] or '0')):.2f}"
    yield amount
    mark = (match["before"] or match["after"]).strip().casefold()
    yield {"amount": amount, "currency": _CURRENCIES.get(mark, mark.upper())}


SHOWN = 90
_MISSING = object()
Path = Sequence[str]


def suggested_value(fault: Fault, fields: Facts, example: Facts) -> str:
    """What to write into a field of an event: its value, spelt as it should be; `example` is a valid event."""
    path = fault.field.split(".")
    value = value_at(fields, path)
    if value is _MISSING:
        added = value_at(example, path)
        return _("add it, such as {added}", added=shown(added)) if added is not _MISSING else _(SEE_SCHEMA)
    alone, inner = only_item(fields, path)
    right = rewritten(value, fault.problem, lambda value: is_right(put(alone, inner, value), inner))
    if right is not None:
        return _("write it as {right}", right=shown(right))
    return _("fix it, or leave it out") if is_right(put(alone, inner, _MISSING), inner) else _(SEE_SCHEMA)


SEE_SCHEMA = marked("see perfectum-sms event schema TYPE")


def healed(fields: Facts, faults: Sequence[Fault], example: Facts) -> Facts:
    for fault in faults:
        path = fault.field.split(".")
        fields = as_facts(put(fields, path, value_at(example, path)))
    return fields


def is_right(fields: object, path: Path) -> bool:
    field = ".".join(path)
    return not any(f"{fault.field}.".startswith(f"{field}.") for fault in all_faults(as_facts(fields)))


def all_faults(fields: Facts) -> Sequence[Fault]:
    faults: list[Fault] = []
    data = fields.get("data")
    event_type = TYPES.get(as_text(fields.get("type")))
    try:
        Envelope.model_validate(fields)
    except ValidationError as error:
        faults += faults_of(error, fields)
    try:
        if event_type:
            event_type.model.model_validate(data, context=EXACT)
    except ValidationError as error:
        faults += faults_of(error, data, "data")
    return faults


def value_at(value: object, path: Path) -> object:
    """The value at a path; where a list is shorter, its first item stands for all."""
    for name in path:
        if isinstance(value, list):
            items = cast("list[object]", value)
            index = int(name) if name.isdecimal() else len(items)
            value = items[index] if index < len(items) else items[0] if items else _MISSING
        elif isinstance(value, Mapping):
            value = cast("Facts", value).get(name, _MISSING)
        else:
            return _MISSING
    return value


def put(value: object, path: Path, new: object) -> object:
    if not path:
        return new
    name, *rest = path
    if isinstance(value, list):
        items = cast("list[object]", value)
        return [put(item, rest, new) if str(index) == name else item for index, item in enumerate(items)]
    if not isinstance(value, Mapping):
        return value
    facts = cast("Facts", value)
    inner = put(facts.get(name, {}), rest, new)
    others = {key: item for key, item in facts.items() if key != name or inner is not _MISSING}
    return others if inner is _MISSING else {**others, name: inner}


def only_item(fields: Facts, path: Path) -> tuple[Facts, Path]:
    """An event with only that person of many whom a path leads to, and the path then."""
    people = value_at(fields, path[:2])
    if path[:2] != ["data", "recipients"] or not isinstance(people, list) or len(path) <= len(path[:2]):
        return fields, path
    person = value_at(cast("object", people), path[2:3])
    return as_facts(put(fields, path[:2], [person])), [*path[:2], "0", *path[3:]]


def shown(value: object) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"

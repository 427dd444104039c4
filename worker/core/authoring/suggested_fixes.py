"""How a field that is refused should be written, and an event with such fields put right so that the rest is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import orjson
from pydantic import ValidationError

from worker.core.authoring.field_names import as_facts
from worker.core.authoring.suggested_values import rewritten
from worker.core.contract.event_types import TYPES, Envelope
from worker.core.contract.facts import Facts, word
from worker.core.contract.fields import EXACT
from worker.core.contract.validation_errors import Fault, faults_of

#: So much of a value is shown.
SHOWN = 90
_MISSING = object()
Path = Sequence[str]


def mended(fault: Fault, fields: Facts, example: Facts) -> str:
    """What to write into a field of an event: what stands there, spelt as it should be; `example` is a valid event."""
    path = fault.field.split(".")
    value = value_at(fields, path)
    if value is _MISSING:
        added = value_at(example, path)
        return f"add it, such as {shown(added)}" if added is not _MISSING else SEE_SCHEMA
    alone, place = only_item(fields, path)
    right = rewritten(value, fault.problem, lambda one: is_right(put(alone, place, one), place))
    if right is not None:
        return f"write it as {shown(right)}"
    return "mend it, or leave it out" if is_right(put(alone, place, _MISSING), place) else SEE_SCHEMA


SEE_SCHEMA = "see perfectum-sms event schema TYPE"


def healed(fields: Facts, faults: Sequence[Fault], example: Facts) -> Facts:
    """The same event with these fields as a valid one has them, or without them."""
    for fault in faults:
        path = fault.field.split(".")
        fields = as_facts(put(fields, path, value_at(example, path)))
    return fields


def is_right(fields: object, path: Path) -> bool:
    """Whether the contract takes what stands at a path."""
    field = ".".join(path)
    return not any(f"{fault.field}.".startswith(f"{field}.") for fault in all_faults(as_facts(fields)))


def all_faults(fields: Facts) -> Sequence[Fault]:
    """What the contract finds in an event, forgiving nothing."""
    found: list[Fault] = []
    data = fields.get("data")
    event_type = TYPES.get(word(fields.get("type")))
    try:
        Envelope.model_validate(fields)
    except ValidationError as error:
        found += faults_of(error, fields)
    try:
        if event_type:
            event_type.model.model_validate(data, context=EXACT)
    except ValidationError as error:
        found += faults_of(error, data, "data")
    return found


def value_at(value: object, path: Path) -> object:
    """What stands at a path; where a list is shorter, its first item stands for all."""
    for name in path:
        if isinstance(value, list):
            items = cast("list[object]", value)
            place = int(name) if name.isdecimal() else len(items)
            value = items[place] if place < len(items) else items[0] if items else _MISSING
        elif isinstance(value, Mapping):
            value = cast("Facts", value).get(name, _MISSING)
        else:
            return _MISSING
    return value


def put(value: object, path: Path, new: object) -> object:
    """The same with this at a path, or without it; what has no such place stays as it is."""
    if not path:
        return new
    name, *rest = path
    if isinstance(value, list):
        items = cast("list[object]", value)
        return [put(item, rest, new) if str(place) == name else item for place, item in enumerate(items)]
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
    """A value as JSON, so far as it fits."""
    words = orjson.dumps(value).decode()
    return words if len(words) <= SHOWN else f"{words[:SHOWN]}…"

"""The names of an event's fields that rules or shortcodes read, and names that are probably misspelt."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import cast, get_args

from pydantic import BaseModel

from worker.core.contract import TYPES, Envelope
from worker.core.contract_bodies import EventBody
from worker.core.facts import NOTHING, Facts, word
from worker.core.shortcode import SHORTCODES

#: How alike two names must be for one to be taken for the other.
ALIKE = 0.75


def nearest(name: str, known: Iterable[str], *, alike: float = 0.6) -> str | None:
    """The known name that somebody probably meant, or None."""
    found = difflib.get_close_matches(name.lower(), known, n=1, cutoff=alike)
    return found[0] if found else None


def by_section() -> Mapping[str, frozenset[str]]:
    """The names that shortcodes read of each section."""
    found: dict[str, set[str]] = defaultdict(set)
    for shortcode in SHORTCODES.values():
        for path in shortcode.sources:
            found[path[0]].add(path[1])
    return {section: frozenset(names) for section, names in found.items()}


READ = by_section()


def strangers(envelope: Facts) -> Iterator[tuple[str, str, str]]:
    """Fields that nothing reads and that look like one that something reads: field, problem, fix."""
    yield from misspelt("", envelope, Envelope.model_fields)
    event_type = TYPES.get(word(envelope.get("type")))
    model = event_type.model if event_type else EventBody
    data = as_facts(envelope.get("data"))
    yield from misspelt("data.", data, {*model.model_fields, *READ})
    for name, value in data.items():
        known = {*fields_of(model, name), *READ.get(name, ())}
        if isinstance(value, list):
            for place, item in enumerate(cast("list[object]", value)):
                person = as_facts(item)
                more = READ.get(word(person.get("kind")), frozenset[str]())
                yield from misspelt(f"data.{name}.{place}.", person, known | more)
        elif name != "shortcodes":
            yield from misspelt(f"data.{name}.", as_facts(value), known)


def misspelt(prefix: str, facts: Facts, known: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """What is unknown here and nearly known, and not there under its right name too."""
    for name in facts:
        meant = None if name in known else nearest(name, known, alike=ALIKE)
        if meant is not None and meant not in facts:
            yield f"{prefix}{name}", "is kept, but nothing reads it", f"did you mean {meant}?"


def fields_of(model: type[BaseModel], name: str) -> Collection[str]:
    """The fields of a section, of an item if it is a list; none if the contract does not name it."""
    field = model.model_fields.get(name)
    waiting: list[object] = [field.annotation] if field else []
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one.model_fields
        waiting += get_args(one)
    return ()


def as_facts(value: object) -> Facts:
    """An object of JSON, or an empty one."""
    return cast("Facts", value) if isinstance(value, Mapping) else NOTHING

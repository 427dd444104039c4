"""Parse an event leniently: what cannot be read is given up where the event is of use without it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import orjson
from pydantic import BaseModel, ValidationError

from worker.core.contract.empty_values import Shape, fields_of, plain
from worker.core.contract.facts import Facts, as_text
from worker.core.contract.validation_errors import Fault, Path, by_path


@dataclass(frozen=True, slots=True)
class Taken:
    """Facts that are taken; `given_up` is wrong and done without, for `faults` the event is refused."""

    facts: Facts
    given_up: tuple[Fault, ...] = ()
    faults: tuple[Fault, ...] = ()


def taken(value: Facts, model: type[BaseModel], *prefix: str) -> Taken:
    facts = checked = plain(value, fields_of(model))
    given_up, done = list[Fault](), set[Path]()
    while True:
        try:
            model.model_validate(checked)
        except ValidationError as error:
            wrong = by_path(error, checked, *prefix)
            parts = {path: spared(model, path) for path in wrong}
            if is_needed(parts, checked) or done.issuperset(parts):
                return Taken(facts, faults=(*given_up, *wrong.values()))
            given_up += wrong.values()
            done |= parts.keys()
            dropped = outermost(part for part in parts.values() if part)
            facts, checked = without(facts, dropped, is_shown=True), without(checked, dropped, is_shown=False)
        else:
            return Taken(facts, tuple(given_up))


def is_needed(parts: Mapping[Path, Spared | None], checked: Facts) -> bool:
    """Whether something is wrong that nothing goes without; too many people for one event are."""
    return None in parts.values() or (("recipients",) in parts and isinstance(checked.get("recipients"), list))


@dataclass(frozen=True, slots=True)
class Spared:
    path: Path
    shape: Shape | None = None


def spared(model: type[BaseModel], path: Path) -> Spared | None:
    """The smallest part around a place that the model can go without; None where there is none."""
    result: Spared | None = None
    shapes: Mapping[str, Shape] = fields_of(model)
    shape: Shape | None = None
    for depth, name in enumerate(path, start=1):
        if isinstance(name, int):
            # People are wrong one by one, numbers of a list together.
            if shape is None or shape.inside is None:
                break
            result = Spared(path[:depth])
            continue
        if shape is not None and shape.holds == "map":
            return Spared(path[:depth])
        shape = shapes.get(name)
        if shape is None:
            break
        result = result if shape.is_needed else Spared(path[:depth], shape)
        shapes = shape.inside or {}
    return result


def outermost(parts: Iterable[Spared]) -> list[Spared]:
    """Each part once, and none that lies in another: with a person go all their fields."""
    unique = {part.path: part for part in parts}
    return [
        part for part in unique.values() if not any(part.path[:depth] in unique for depth in range(1, len(part.path)))
    ]


def without(facts: Facts, given_up: Collection[Spared], *, is_shown: bool) -> Facts:
    copy: Facts = orjson.loads(orjson.dumps(facts))
    crowds: list[list[object]] = []
    for part in given_up:
        *names, last = part.path
        home: Any = copy
        for name in names:
            home = home[name]
        if isinstance(last, int):
            home[last] = None
            crowds.append(home)
        elif part.shape is None or not part.shape.has_default:
            home[last] = shown(home[last]) if is_shown and part.shape and part.shape.is_shown else None
        elif part.shape.holds == "flag":
            home[last] = True
        else:
            del home[last]
    for crowd in crowds:
        crowd[:] = [item for item in crowd if item is not None]
    return copy


def shown(value: object) -> object:
    """What a text may show of what no rule can read: of money its words."""
    if not isinstance(value, dict):
        return value
    money = cast("Facts", value)
    return " ".join(filter(None, (as_text(money.get("amount")), as_text(money.get("currency"))))) or None

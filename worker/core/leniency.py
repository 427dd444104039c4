"""How an event's JSON is taken: what PHP writes for nothing is nothing, and what nobody can read costs its own field.

The models say what is right. A field they can go without is given up where it is wrong, and so is a person of a list;
only an event that says nothing of use without them is refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

import orjson
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from worker.core.contract_values import AMOUNT, AS_IT_CAME, Money
from worker.core.facts import Facts, word
from worker.core.fault import Fault, Path, by_place

#: What PHP and MySQL make of no date.
_NO_DATE = re.compile(r"(?:0000-00-00|-0001-11-30)(?:[T ].{0,40})?")
_ABSENT = object()
Held = Literal["list", "map", "section", "money", "flag", "text", "other"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken of some JSON.

    Attributes:
        given_up: what was wrong in it and is done without.
        faults: what it is refused for, and what else was wrong; nothing where it is taken.
    """

    facts: Facts
    given_up: tuple[Fault, ...] = ()
    faults: tuple[Fault, ...] = ()


def taken(value: Facts, model: type[BaseModel], *prefix: str) -> Taken:
    """What a model takes of some JSON; faults stand under the prefix."""
    facts = checked = plain(value, fields_of(model))
    given_up, done = list[Fault](), set[Path]()
    while True:
        try:
            model.model_validate(checked)
        except ValidationError as error:
            wrong = by_place(error, checked, *prefix)
            parts = {path: spared(model, path) for path in wrong}
            if is_needed(parts, checked) or done.issuperset(parts):
                return Taken(facts, faults=(*given_up, *wrong.values()))
            given_up += wrong.values()
            done |= parts.keys()
            found = {one.path: one for one in parts.values() if one}.values()
            facts, checked = without(facts, found, is_shown=True), without(checked, found, is_shown=False)
        else:
            return Taken(facts, tuple(given_up))


def is_needed(parts: Mapping[Path, Spared | None], checked: Facts) -> bool:
    """Whether something is wrong that nothing goes without; too many people for one event are."""
    return None in parts.values() or (("recipients",) in parts and isinstance(checked.get("recipients"), list))


@dataclass(frozen=True, slots=True)
class Shape:
    """What a field of the contract may hold, as far as nothing has spellings of its own there.

    Attributes:
        inside: the fields of the section, or of each item of the list, that stands there.
        is_needed: whether the contract asks for it.
        has_default: whether something stands for it where it is not given.
        is_shown: whether texts, or readers of its own, make something of what no model can read.
    """

    holds: Held
    inside: Mapping[str, Shape] | None
    is_needed: bool
    has_default: bool
    is_shown: bool

    def plain(self, value: object) -> object:
        """The value as the rules know it, None for nothing; _ABSENT where the model has a value of its own then."""
        match self.holds:
            case "list":
                return self.plain_list(value)
            case "flag" if value is False:
                return value
            case _ if is_nothing(value):
                return value if self.is_needed and value == {} else self.nothing
            case "text" if isinstance(value, int | float) and not isinstance(value, bool):
                return word(value)
            case "section" | "map" | "money" if isinstance(value, dict):
                found = plain(cast("Facts", value), self.inside or {})
                return plain_money(found) if self.holds == "money" else found
            case _:
                return value

    @property
    def nothing(self) -> object:
        """What stands for nothing."""
        return _ABSENT if self.has_default else None

    def plain_list(self, value: object) -> object:
        """A list without its nothings; what PHP made an object of, for its keys do not begin at 0, is a list."""
        if isinstance(value, dict) and all(key.isdecimal() for key in cast("dict[str, object]", value)):
            value = list(cast("dict[str, object]", value).values()) or None
        if not isinstance(value, list):
            return self.nothing if is_nothing(cast("object", value)) else cast("object", value)
        given = cast("list[object]", value)
        items = [self.plain_item(item) for item in given if not is_nothing(item)]
        return items if items or not given else self.nothing

    def plain_item(self, item: object) -> object:
        """One item of a list."""
        return plain(cast("Facts", item), self.inside) if self.inside and isinstance(item, dict) else item


@dataclass(frozen=True, slots=True)
class Spared:
    """A part of the JSON that is given up; `shape` is None of an item."""

    path: Path
    shape: Shape | None = None

    @property
    def is_shown(self) -> bool:
        """Whether texts may show it as it came."""
        return self.shape is not None and self.shape.is_shown


def is_nothing(value: object) -> bool:
    """Whether it is what PHP writes for nothing, where false is not meant."""
    if isinstance(value, str):
        return not value or _NO_DATE.fullmatch(value) is not None
    return value is None or value is False or (isinstance(value, list | dict) and not value)


def plain(facts: Facts, shapes: Mapping[str, Shape]) -> Facts:
    """The same facts with one spelling of nothing; of what the contract does not name, days that are none are none."""
    found = {name: plain_one(value, shapes.get(name)) for name, value in facts.items()}
    return {name: value for name, value in found.items() if value is not _ABSENT}


def plain_one(value: object, shape: Shape | None) -> object:
    """One field."""
    if shape is not None:
        return shape.plain(value)
    if isinstance(value, dict):
        return {name: none_for_no_day(item) for name, item in cast("Facts", value).items()}
    return none_for_no_day(value)


def none_for_no_day(value: object) -> object:
    """A value of a field that the contract does not name."""
    return None if isinstance(value, str) and _NO_DATE.fullmatch(value) else value


def plain_money(money: Facts) -> Facts:
    """An amount as a decimal string where PHP had it as a number."""
    amount = money.get("amount")
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        return money
    found = word(amount)
    return {**money, "amount": found if AMOUNT.fullmatch(found) else f"{amount:.2f}"}


@cache
def fields_of(model: type[BaseModel]) -> Mapping[str, Shape]:
    """The shapes of a model's fields."""
    return {name: shape_of(field) for name, field in model.model_fields.items()}


def shape_of(field: FieldInfo) -> Shape:
    """The shape of one field."""
    kinds = list(leaves(field.annotation))
    lists = [kind for kind in kinds if get_origin(kind) is list]
    inner = next((kind for one in lists for kind in leaves(get_args(one)[0]) if is_model(kind)), None)
    model = inner or next(filter(is_model, kinds), None)
    return Shape(
        holds="list" if lists else held(kinds, model),
        inside=fields_of(model) if model else None,
        is_needed=field.is_required(),
        has_default=not field.is_required() and (field.default is not None or field.default_factory is not None),
        is_shown=AS_IT_CAME in field.metadata,
    )


def held(kinds: Sequence[Any], model: type[BaseModel] | None) -> Held:
    """In one word what a field may hold that is no list."""
    if model is not None:
        return "money" if issubclass(model, Money) else "section"
    if any(get_origin(kind) is dict for kind in kinds):
        return "map"
    if bool in kinds:
        return "flag"
    return "text" if all(kind in {str, NoneType} or get_origin(kind) is Literal for kind in kinds) else "other"


def leaves(annotation: object) -> Iterator[Any]:
    """The types that an annotation joins."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from leaves(get_args(annotation)[0])
    elif origin in {Union, UnionType}:
        for one in get_args(annotation):
            yield from leaves(one)
    else:
        yield annotation


def is_model(kind: object) -> bool:
    """Whether it is a section."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def spared(model: type[BaseModel], path: Path) -> Spared | None:
    """The smallest part around a place that the model can go without; None where there is none."""
    found: Spared | None = None
    shapes: Mapping[str, Shape] = fields_of(model)
    shape: Shape | None = None
    for depth, name in enumerate(path, start=1):
        if isinstance(name, int):
            # People are wrong one by one, numbers of a list together.
            if shape is None or shape.inside is None:
                break
            found = Spared(path[:depth])
            continue
        if shape is not None and shape.holds == "map":
            return Spared(path[:depth])
        shape = shapes.get(name)
        if shape is None:
            break
        found = found if shape.is_needed else Spared(path[:depth], shape)
        shapes = shape.inside or {}
    return found


def without(facts: Facts, given_up: Collection[Spared], *, is_shown: bool) -> Facts:
    """The facts without these parts; what texts can show as it came stays, for them."""
    copy: Facts = orjson.loads(orjson.dumps(facts))
    crowds: list[list[object]] = []
    for one in given_up:
        *names, last = one.path
        home: Any = copy
        for name in names:
            home = home[name]
        if isinstance(last, int):
            home[last] = None
            crowds.append(home)
        elif one.shape is None or not one.shape.has_default:
            home[last] = shown(home[last]) if is_shown and one.is_shown else None
        elif one.shape.holds == "flag":
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
    return " ".join(filter(None, (word(money.get("amount")), word(money.get("currency"))))) or None

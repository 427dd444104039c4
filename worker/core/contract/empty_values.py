"""What PHP writes for nothing, by the type of each field of the contract, as the one nothing that the rules know."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from worker.core.contract.facts import Facts, as_text
from worker.core.contract.fields import AMOUNT, AS_IT_CAME, Money

_NO_DAY = ("0000-00-00", "-0001-11-30")
_NO_DATE = re.compile(r"(?:0000-00-00|-0001-11-30)(?:[T ].{0,40})?")
_ABSENT = object()
Held = Literal["list", "map", "section", "money", "flag", "text", "other"]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a field may hold; `inside` has the fields of its section or of its items.

    `is_shown`: a text shows the value even where no model can read it.
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
                return as_text(value)
            case "section" | "map" | "money" if isinstance(value, dict):
                facts = plain(cast("Facts", value), self.inside or {})
                return plain_money(facts) if self.holds == "money" else facts
            case _:
                return value

    @property
    def nothing(self) -> object:
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
        return plain(cast("Facts", item), self.inside) if self.inside and isinstance(item, dict) else item


def is_nothing(value: object) -> bool:
    """Whether it is what PHP writes for nothing, where false is not meant."""
    if isinstance(value, str):
        return not value or is_no_date(value)
    return value is None or value is False or (isinstance(value, list | dict) and not value)


def is_no_date(text: str) -> bool:
    return text.startswith(_NO_DAY) and _NO_DATE.fullmatch(text) is not None


def plain(facts: Facts, shapes: Mapping[str, Shape]) -> Facts:
    """The same facts with one spelling of nothing; of what the contract does not name, days that are none are none."""
    return {
        name: taken
        for name, value in facts.items()
        if (taken := shapes[name].plain(value) if name in shapes else unnamed(value)) is not _ABSENT
    }


def unnamed(value: object) -> object:
    if isinstance(value, str):
        return None if is_no_date(value) else value
    if isinstance(value, dict):
        return {name: none_for_no_day(item) for name, item in cast("Facts", value).items()}
    return value


def none_for_no_day(value: object) -> object:
    return None if isinstance(value, str) and is_no_date(value) else value


def plain_money(money: Facts) -> Facts:
    amount = money.get("amount")
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        return money
    text = as_text(amount)
    return {**money, "amount": text if AMOUNT.fullmatch(text) else f"{amount:.2f}"}


@cache
def fields_of(model: type[BaseModel]) -> Mapping[str, Shape]:
    return {name: shape_of(field) for name, field in model.model_fields.items()}


def shape_of(field: FieldInfo) -> Shape:
    types = list(leaves(field.annotation))
    lists = [type_ for type_ in types if get_origin(type_) is list]
    inner = next((type_ for item in lists for type_ in leaves(get_args(item)[0]) if is_model(type_)), None)
    model = inner or next(filter(is_model, types), None)
    return Shape(
        holds="list" if lists else held(types, model),
        inside=fields_of(model) if model else None,
        is_needed=field.is_required(),
        has_default=not field.is_required() and (field.default is not None or field.default_factory is not None),
        is_shown=AS_IT_CAME in field.metadata,
    )


def held(types: Sequence[Any], model: type[BaseModel] | None) -> Held:
    if model is not None:
        return "money" if issubclass(model, Money) else "section"
    if any(get_origin(type_) is dict for type_ in types):
        return "map"
    if bool in types:
        return "flag"
    return "text" if all(type_ in {str, NoneType} or get_origin(type_) is Literal for type_ in types) else "other"


def leaves(annotation: object) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from leaves(get_args(annotation)[0])
    elif origin in {Union, UnionType}:
        for item in get_args(annotation):
            yield from leaves(item)
    else:
        yield annotation


def is_model(type_: object) -> bool:
    return isinstance(type_, type) and issubclass(type_, BaseModel)

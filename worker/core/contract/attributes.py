"""Typed attributes of an event's sections: each names a field of the JSON once, how it is read and what it may hold.

From the same declaration come the values that rules read, the pydantic model that checks the section, and the published
schema. A value that cannot be read is nothing to the rules; a text may still show it as it was written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import new_class
from typing import Any, ClassVar, Generic, Self, TypeVar, cast, overload

from pydantic import ConfigDict, model_validator

from worker.core.contract.facts import NOTHING, Facts, as_facts, as_text
from worker.core.contract.fields import SectionModel

Value = TypeVar("Value")
SectionType = TypeVar("SectionType", bound="Section")


@dataclass(frozen=True)
class Condition:
    """What a section needs beyond its fields: for the published schema, and as the sentence about what is missing."""

    schema: dict[str, Any]
    missing: Callable[[Facts], str | None]


class Section:
    """A part of `data`: the JSON that it came in, parsed through typed attributes; without any, an empty one.

    `shown` names the fields that only texts show: nothing checks them.
    """

    model_name: ClassVar[str | None] = None
    condition: ClassVar[Condition | None] = None

    def __init_subclass__(cls, *, shown: str = "") -> None:
        for name in shown.split():
            attribute = Attribute(as_text)
            setattr(cls, name, attribute)
            attribute.__set_name__(cls, name)

    def __init__(self, json: Facts = NOTHING) -> None:
        self.json = json

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Section) and self.json == other.json

    __hash__ = None  # type: ignore[assignment] - as JSON has none

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.json!r})"

    @classmethod
    def attributes(cls) -> list[Attribute[Any]]:
        """What it and its base classes declare, from the most general one on; the last of a name counts."""
        return [item for owner in reversed(cls.__mro__) for item in vars(owner).values() if isinstance(item, Attribute)]

    @property
    def kept(self) -> Facts:
        """What rules and texts can ask of it, people whole: a CRM may send much more, such as an invoice's lines."""
        parts = parts_of(type(self))
        return {
            name: getattr(self, name).kept if parts[name] else value
            for name, value in self.json.items()
            if name in parts
        }

    def having(self, values: Facts = NOTHING, /, **more: object) -> Self:
        """The same with these values, sections among them."""
        if not more:
            return type(self)({**self.json, **values})
        plain = {name: value.json if isinstance(value, Section) else value for name, value in more.items()}
        changed = type(self)({**self.json, **values, **plain})
        for name, value in more.items():
            if isinstance(value, Section):
                setattr(changed, name, value)
        return changed

    def without(self, *fields: Field[Any]) -> Self:
        names = {field.name for field in fields}
        return type(self)({name: value for name, value in self.json.items() if name not in names})


@dataclass(frozen=True, slots=True)
class Field(Generic[Value]):
    """A field of a section, as rules and shortcodes refer to it; `section` is what it holds, if it holds one."""

    name: str
    read: Callable[[object], Value]
    section: type[Section] | None = None

    def of(self, section: Section) -> Value:
        return self.read(section.json.get(self.name))

    def written(self, section: Section) -> object:
        return section.json.get(self.name)


class Attribute(Generic[Value]):
    """Declare a field of a section: an instance gives its value, parsed once, the class the field itself.

    `schema` is the type that the model checks, if it is checked; without a `default` (...) the section needs it.
    """

    def __init__(
        self,
        read: Callable[[object], Value],
        schema: object = None,
        default: object = None,
        *,
        section: type[Section] | None = None,
    ) -> None:
        self.read, self.schema, self.default, self.section = read, schema, default, section

    def __set_name__(self, owner: type[Section], name: str) -> None:
        self.name = name
        self.field = Field(name, self.read, self.section)

    @overload
    def __get__(self, section: None, owner: type[Section]) -> Field[Value]: ...
    @overload
    def __get__(self, section: Section, owner: type[Section]) -> Value: ...
    def __get__(self, section: Section | None, owner: type[Section]) -> Field[Value] | Value:
        if section is None:
            return self.field
        value = self.read(section.json.get(self.name))
        # From now on it is found in the instance, before this descriptor is asked.
        setattr(section, self.name, value)
        return value


def part(section: type[SectionType], schema: object = None, default: object = None) -> Attribute[SectionType]:
    return Attribute(lambda value: section(as_facts(value)), schema, default, section=section)


def sections(section: type[SectionType]) -> Callable[[object], list[SectionType]]:
    return lambda value: [section(item) for item in cast("list[Any]", value or [])]


@cache
def parts_of(section: type[Section]) -> dict[str, bool]:
    """The fields of a section, and whether each holds a section itself."""
    return {item.name: item.section is not None for item in section.attributes()}


@cache
def model_of(section: type[Section]) -> type[SectionModel]:
    """The model that checks a section; the contract publishes it under the section's name and docstring."""
    checked = {item.name: item for item in section.attributes() if item.schema is not None}
    body: dict[str, Any] = {
        "__module__": __name__,
        "__doc__": section.__doc__,
        "__annotations__": {name: item.schema for name, item in checked.items()},
        **{name: item.default for name, item in checked.items() if item.default is not ...},
    }
    if section.condition is not None:
        body["model_config"] = ConfigDict(json_schema_extra=section.condition.schema)
        body["meets_condition"] = model_validator(mode="after")(check_of(section.condition))
    name = section.model_name or section.__name__
    return cast("type[SectionModel]", new_class(name, (SectionModel,), exec_body=lambda space: space.update(body)))


def check_of(condition: Condition) -> Callable[[SectionModel], SectionModel]:
    def check(model: SectionModel) -> SectionModel:
        if (what := condition.missing(vars(model))) is not None:
            raise ValueError(what)
        return model

    return check

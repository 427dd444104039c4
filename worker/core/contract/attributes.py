"""Typed attributes of an event's sections: each names a field of the JSON once and says what the rules read there.

What cannot be read is nothing to the rules; a text may still show it as it was written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar, cast, overload

from worker.core.contract.facts import NOTHING, Facts

Value = TypeVar("Value")
SectionType = TypeVar("SectionType", bound="Section")


class Section:
    """A part of `data`: the JSON that it came in, parsed through typed attributes; without any, an empty one."""

    def __init__(self, json: Facts = NOTHING) -> None:
        self.json = json

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Section) and self.json == other.json

    __hash__ = None  # type: ignore[assignment] - as JSON has none

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.json!r})"

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
        """The same without these fields."""
        names = {field.name for field in fields}
        return type(self)({name: value for name, value in self.json.items() if name not in names})


@dataclass(frozen=True, slots=True)
class Field(Generic[Value]):
    """A field of a section, as rules and shortcodes refer to it; `section` is what it holds, if it holds one."""

    name: str
    read: Callable[[object], Value]
    section: type[Section] | None = None

    def of(self, section: Section) -> Value:
        """What the rules read of a section."""
        return self.read(section.json.get(self.name))

    def written(self, section: Section) -> object:
        """What the CRM wrote."""
        return section.json.get(self.name)


class Attribute(Generic[Value]):
    """Declares a field of a section: of an instance it gives its value, parsed once, of the class the field itself."""

    def __init__(self, read: Callable[[object], Value], section: type[Section] | None = None) -> None:
        self.read, self.section = read, section

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


def part(section: type[SectionType]) -> Attribute[SectionType]:
    """Declare a section within another one."""
    # An object of JSON is a dict; to ask for a Mapping takes five times as long, and a text asks a dozen times.
    return Attribute(lambda value: section(cast("Facts", value) if isinstance(value, dict) else NOTHING), section)


def sections(section: type[SectionType]) -> Callable[[object], list[SectionType]]:
    """A list of sections, such as the people of an event."""
    return lambda value: [section(item) for item in cast("list[Any]", value or [])]

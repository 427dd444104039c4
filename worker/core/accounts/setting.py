"""One setting of an account: what it is called, typed, shown and kept as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString

from worker.core.accounts.setting_kinds import NONE, SettingKind


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        name: its key in a file, and with hyphens its option.
        label: what a form calls it, in Ukrainian.
        is_optional: whether it may be cleared, by `none`.
        is_for_new: whether an account may be added with it.
        attribute: the field of AccountSettings, and its column.
        default: of a new account; an Ellipsis must be given.
    """

    name: str
    setting_kind: SettingKind[Any]
    label: str
    help: str
    unit: str | None = None
    is_optional: bool = False
    is_for_new: bool = False
    attribute: LiteralString = ""
    default: Any = ...

    @property
    def is_required(self) -> bool:
        """Whether an account cannot be added without it."""
        return self.default is ...

    @property
    def option(self) -> str:
        """The option of the command line."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def metavar(self) -> str:
        """What the help shows for its value."""
        return f"{self.setting_kind.usage()}|{NONE}" if self.is_optional else self.setting_kind.usage()

    @property
    def columns(self) -> list[LiteralString]:
        """The columns that hold it."""
        return [self.attribute + part for part in self.setting_kind.parts]

    def parse(self, text: str) -> Any:
        """Parse what is typed; ValueError says what is wrong."""
        return None if self.is_optional and text == NONE else self.setting_kind.parse(text)

    def format(self, value: Any) -> str:
        """Format it as it is typed."""
        return NONE if value is None else self.setting_kind.format(value)

    def read(self, value: object) -> Any:
        """Parse a file's value; ValueError says what is wrong."""
        return None if self.is_optional and value == NONE else self.setting_kind.read(value)

    def plain(self, value: Any) -> object:
        """Give it as a file holds it."""
        return NONE if value is None else self.setting_kind.plain(value)

    def description(self) -> dict[str, object]:
        """Describe it to a form or a client of the API."""
        return {
            "name": self.name,
            "kind": self.setting_kind.name,
            "label": self.label,
            "help": self.help,
            "unit": self.unit,
            "default": None if self.is_required else self.plain(self.default),
            "is_required": self.is_required,
            "is_optional": self.is_optional,
            **self.setting_kind.bounds(),
        }

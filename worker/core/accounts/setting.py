"""One setting of an account: what it is called, typed, shown and kept as."""

from dataclasses import dataclass
from typing import Any, LiteralString

from worker.core.accounts.setting_kinds import NONE, SettingKind


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; `attribute` is its field of AccountSettings, and its column."""

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
        return self.default is ...

    @property
    def option(self) -> str:
        return f"--{self.name.replace('_', '-')}"

    @property
    def metavar(self) -> str:
        return f"{self.setting_kind.usage()}|{NONE}" if self.is_optional else self.setting_kind.usage()

    @property
    def columns(self) -> list[LiteralString]:
        return [self.attribute + part for part in self.setting_kind.parts]

    def parse(self, text: str) -> Any:
        """Parse what is typed; raise ValueError with what is wrong."""
        return None if self.is_optional and text == NONE else self.setting_kind.parse(text)

    def format(self, value: Any) -> str:
        return NONE if value is None else self.setting_kind.format(value)

    def read(self, value: object) -> Any:
        return None if self.is_optional and value == NONE else self.setting_kind.read(value)

    def plain(self, value: Any) -> object:
        return NONE if value is None else self.setting_kind.plain(value)

    def description(self) -> dict[str, object]:
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

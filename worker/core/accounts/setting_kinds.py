"""How values of settings are typed, shown and kept; a parser raises ValueError for an operator to read."""

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar, Generic, LiteralString, TypeVar, cast
from zoneinfo import available_timezones

from worker.core.clock.durations import LONGEST, duration, format_duration
from worker.core.clock.quiet_hours import Window
from worker.core.contract.phone_mask import masked
from worker.language import _

T = TypeVar("T")

#: What is typed for a setting that is not set.
NONE = "none"
#: What is typed for everything that there is to choose.
ALL = "all"
#: The largest numbers that smallint and integer columns hold.
SMALL_MAX, LARGE_MAX = 32_767, 2_147_483_647

HOURS = re.compile(r"(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)")
PRICE = re.compile(r"\d{1,4}(?:[.,]\d{1,4})?", re.ASCII)
MONEY = re.compile(r"\d{1,9}(?:[.,]\d{1,2})?", re.ASCII)
WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
CODE = re.compile("[a-z][a-z0-9_]{0,99}")
DAY_MINUTES, HOUR_MINUTES = 24 * 60, 60
#: A slower rate is a pause, a faster one is no limit.
RATE_MIN, RATE_MAX = 0.01, 10_000.0


class SettingKind(ABC, Generic[T]):
    """A kind of setting; `parts` is appended to the column name for each column of a value."""

    name: ClassVar[str]
    metavar: ClassVar[str] = ""
    parts: ClassVar[tuple[LiteralString, ...]] = ("",)

    @abstractmethod
    def parse(self, text: str) -> T: ...

    def format(self, value: T) -> str:
        return str(value)

    def read(self, value: object) -> T:
        if not isinstance(value, str):
            raise ValueError(_("write it as a word, in quotes where it looks like a number: '{value}'", value=value))
        return self.parse(value)

    def plain(self, value: T) -> object:
        return self.format(value)

    def to_columns(self, value: T) -> Sequence[object]:
        return (value,)

    def from_columns(self, values: Sequence[object]) -> T:
        return cast("T", values[0])

    def usage(self) -> str:
        return self.metavar

    def bounds(self) -> Mapping[str, object]:
        """Describe which values there are, in the words of JSON Schema."""
        return {}


class Text(SettingKind[str]):
    name, metavar = "text", "TEXT"

    def parse(self, text: str) -> str:
        if not text.strip():
            raise ValueError(_("must not be blank"))
        return text.strip()


class Zone(SettingKind[str]):
    name, metavar = "zone", "ZONE"

    def parse(self, text: str) -> str:
        if text not in available_timezones():
            raise ValueError(_("is not an IANA time zone, such as Europe/Kyiv"))
        return text


@dataclass(frozen=True)
class Choice(SettingKind[str]):
    choices: tuple[str, ...]
    name = "choice"

    def parse(self, text: str) -> str:
        if text not in self.choices:
            raise ValueError(
                _("{value} is not one of {choices}", value=repr(text), choices=", ".join(map(repr, self.choices)))
            )
        return text

    def usage(self) -> str:
        return self.metavar or "|".join(self.choices)

    def bounds(self) -> Mapping[str, object]:
        return {"enum": [*self.choices]}


class Locale(Choice):
    metavar = "LOCALE"

    def parse(self, text: str) -> str:
        if text not in self.choices:
            raise ValueError(_("default texts are there in {choices}", choices=", ".join(self.choices)))
        return text


class Flag(SettingKind[bool]):
    name, metavar = "flag", "on|off"

    def parse(self, text: str) -> bool:
        if text not in {"on", "off"}:
            raise ValueError(_("{value} is not one of {choices}", value=repr(text), choices="'on', 'off'"))
        return text == "on"

    def format(self, value: bool) -> str:
        return "on" if value else "off"

    def read(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError(_("Input should be a valid boolean"))
        return value

    def plain(self, value: bool) -> object:
        return value


@dataclass(frozen=True)
class Whole(SettingKind[int]):
    least: int
    most: int
    name, metavar = "whole", "NUMBER"

    def parse(self, text: str) -> int:
        return self.read(int(text) if WHOLE.fullmatch(text) else text)

    def read(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(_("Input should be a valid integer"))
        if value < self.least:
            raise ValueError(_("Input should be greater than or equal to {least}", least=self.least))
        if value > self.most:
            raise ValueError(_("Input should be less than or equal to {most}", most=self.most))
        return value

    def plain(self, value: int) -> object:
        return value

    def bounds(self) -> Mapping[str, object]:
        return {"minimum": self.least, "maximum": self.most}


class Count(Whole):
    def read(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            shown = "" if isinstance(value, bool) else value
            raise ValueError(
                _(
                    "{shown} is no whole number from {least} to {most}: write it as 300, or none",
                    shown=shown,
                    least=self.least,
                    most=self.most,
                )
            )
        return value


class Rate(SettingKind[float]):
    name, metavar = "rate", "NUMBER"

    def parse(self, text: str) -> float:
        try:
            rate = float(text)
        except ValueError:
            rate = math.nan
        if not RATE_MIN <= rate <= RATE_MAX:
            raise ValueError(
                _(
                    "{text} is no number from {least} to {most} (a second), such as 10 or 0.5",
                    text=text,
                    least=f"{RATE_MIN:g}",
                    most=f"{RATE_MAX:g}",
                )
            )
        return rate

    def format(self, value: float) -> str:
        return f"{value:g}"

    def read(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(_("write a number, such as 10 or 0.5"))
        return self.parse(str(value))

    def plain(self, value: float) -> object:
        return whole_if_so(value)

    def bounds(self) -> Mapping[str, object]:
        return {"minimum": RATE_MIN, "maximum": RATE_MAX}


@dataclass(frozen=True)
class Duration(SettingKind[timedelta]):
    """A duration, as `24h`; `why` follows in the error about one that is too short or too long."""

    why: str
    least: timedelta = timedelta()
    most: timedelta = LONGEST
    name, metavar = "duration", "DURATION"

    def parse(self, text: str) -> timedelta:
        span = duration(text)
        if not self.least <= span <= self.most:
            too = _("{text} is too short", text=text) if span < self.least else _("{text} is too long", text=text)
            raise ValueError(f"{too}{_(self.why)}")
        return span

    def format(self, value: timedelta) -> str:
        return format_duration(value)

    def bounds(self) -> Mapping[str, object]:
        return {"minimum": format_duration(self.least), "maximum": format_duration(self.most)}


class Hours(SettingKind[Window]):
    name, metavar = "hours", "HOURS"
    parts = ("_opens", "_closes")

    def parse(self, text: str) -> Window:
        match = HOURS.fullmatch(text.strip())
        if match:
            from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
            opens, closes = from_hour * HOUR_MINUTES + from_minute, to_hour * HOUR_MINUTES + to_minute
            if opens < closes <= DAY_MINUTES and max(from_minute, to_minute) < HOUR_MINUTES:
                return Window(opens, closes)
        raise ValueError(_("write them as 9:00-20:00, within one day"))

    def format(self, value: Window) -> str:
        return "-".join(f"{at // HOUR_MINUTES}:{at % HOUR_MINUTES:02}" for at in (value.opens, value.closes))

    def to_columns(self, value: Window) -> Sequence[object]:
        return value.opens, value.closes

    def from_columns(self, values: Sequence[object]) -> Window:
        return Window(*cast("Sequence[int]", values))


class Codes(SettingKind[tuple[str, ...]]):
    name, metavar = "shortcodes", "CODES|none"

    def parse(self, text: str) -> tuple[str, ...]:
        from worker.core.texts.shortcodes import SHORTCODES  # noqa: PLC0415 (commands must be quick)

        codes = [] if text.strip() == NONE else [code.strip(" {}") for code in text.split(",")]
        for code in codes:
            if not CODE.fullmatch(code):
                raise ValueError(
                    _("{code} is no shortcode: use a-z, 0-9 and _, as customers_kod", code=code or _("a blank"))
                )
            if code in SHORTCODES:
                raise ValueError(_("{code} is in the catalogue already", code=code))
        return tuple(dict.fromkeys(codes))

    def format(self, value: Sequence[str]) -> str:
        return ",".join(value) or NONE

    def read(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(code, str) for code in cast("list[object]", value)):
            raise ValueError(_("Input should be a valid list of shortcodes"))
        return self.parse(",".join(cast("list[str]", value))) if value else ()

    def plain(self, value: Sequence[str]) -> object:
        return [*value]

    def to_columns(self, value: Sequence[str]) -> Sequence[object]:
        return ([*value],)

    def from_columns(self, values: Sequence[object]) -> tuple[str, ...]:
        return tuple(cast("list[str]", values[0]))


@dataclass(frozen=True)
class Several(SettingKind[tuple[str, ...]]):
    """Some of these names, all of them whatever is added later, or none."""

    choices: tuple[str, ...]
    name, metavar = "names", "NAMES|all|none"

    def parse(self, text: str) -> tuple[str, ...]:
        given = text.strip()
        if given in {ALL, NONE}:
            return (ALL,) if given == ALL else ()
        names = tuple(dict.fromkeys(name.strip() for name in given.split(",")))
        for name in names:
            if name not in self.choices:
                raise ValueError(
                    _(
                        "{name} is none of {choices}: write some of them with commas between, all or none",
                        name=name or _("a blank"),
                        choices=", ".join(self.choices),
                    )
                )
        return names

    def format(self, value: Sequence[str]) -> str:
        return ",".join(value) or NONE

    def read(self, value: object) -> tuple[str, ...]:
        if isinstance(value, str):
            return self.parse(value)
        if not isinstance(value, list) or not all(isinstance(name, str) for name in cast("list[object]", value)):
            raise ValueError(_("write a list of names, all or none"))
        return self.parse(",".join(cast("list[str]", value))) if value else ()

    def plain(self, value: Sequence[str]) -> object:
        return ALL if tuple(value) == (ALL,) else [*value]

    def to_columns(self, value: Sequence[str]) -> Sequence[object]:
        return ([*value],)

    def from_columns(self, values: Sequence[object]) -> tuple[str, ...]:
        return tuple(cast("list[str]", values[0]))

    def bounds(self) -> Mapping[str, object]:
        return {"enum": [ALL, NONE, *self.choices]}


class Price(SettingKind[Decimal]):
    name, metavar = "price", "UAH"

    def parse(self, text: str) -> Decimal:
        if not PRICE.fullmatch(text):
            raise ValueError(_("{text} is no price in hryvnias: write it as 0.95, or none", text=text))
        return Decimal(text.replace(",", "."))

    def format(self, value: Decimal) -> str:
        return f"{value.normalize():f}"

    def read(self, value: object) -> Decimal:
        return self.parse("" if isinstance(value, bool) else str(value))

    def plain(self, value: Decimal) -> object:
        return whole_if_so(float(value))


class Money(Price):
    name = "money"

    def parse(self, text: str) -> Decimal:
        amount = Decimal(text.replace(",", ".")) if MONEY.fullmatch(text) else Decimal(0)
        if amount <= 0:
            raise ValueError(_("{text} is no sum in hryvnias: write it as 500 or 99.50, or none", text=text))
        return amount


class Phone(SettingKind[str]):
    name, metavar = "phone", "PHONE"

    def parse(self, text: str) -> str:
        try:
            from worker.core.contract.phone import only_phone  # noqa: PLC0415 (commands must be quick)

            return only_phone(text)
        except ValueError as error:
            raise ValueError(_("{error}: write a mobile number, as 0671234567, or none", error=error)) from None

    def format(self, value: str) -> str:
        return masked(value)

    def plain(self, value: str) -> object:
        return value


def whole_if_so(number: float) -> float:
    return int(number) if number.is_integer() else number

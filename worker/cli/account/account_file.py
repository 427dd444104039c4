"""The file of an account's whole configuration: what it may hold, and each fault of one with its line and its fix.

What a file does not mention stays as it is; the texts of a trigger and the custom templates are whole where they stand.
The TurboSMS token is no part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

import typer
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from worker.cli.account import setting_formats as read
from worker.cli.account.set_options import LARGE_MAX, REACH_DAYS_MAX, SMALL_MAX
from worker.cli.account.yaml_text import Document, Fault, Path
from worker.cli.account.yaml_text import read as read_yaml
from worker.cli.money import count_or_none, hours_or_none, money_or_none, phone_or_none
from worker.cli.template.context import language, section_known, tidy
from worker.cli.trigger.settings import faults
from worker.core.authoring.template_scope import nearest, why_no_name
from worker.core.clock.quiet_hours import Window
from worker.core.texts.viber_message import options_as_json, read_options
from worker.core.triggers.catalogue import BY_ID

T = TypeVar("T")
#: Stands where there is none.
NONE = "none"


def parsed(read_one: Callable[[str], T]) -> Callable[[object], T]:
    """What the command line reads, read from a file."""

    def read_value(value: object) -> T:
        if not isinstance(value, str):
            raise ValueError(f"write it as a word, in quotes where it looks like a number: '{value}'")  # noqa: TRY004 (pydantic takes ValueError)
        try:
            return read_one(value)
        except typer.BadParameter as error:
            raise ValueError(error.message) from None

    return read_value


def or_none(read_one: Callable[[object], T]) -> Callable[[object], T | None]:
    """The same, where the word `none` is nothing."""
    return lambda value: None if value == NONE else read_one(value)


def number(value: object) -> float:
    """So many a second."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("write a number, such as 10 or 0.5")  # noqa: TRY004 (pydantic takes ValueError)
    return parsed(read.rate)(str(value))


def price(value: object) -> Decimal:
    """Hryvnias."""
    found = Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else Decimal(-1)
    if not 0 <= found < 1000:  # noqa: PLR2004 (as the schema)
        raise ValueError("write hryvnias, such as 0.95")
    return found


def own_codes(value: list[str]) -> list[str]:
    """Shortcodes that the account has of its own."""
    return parsed(read.codes)(",".join(value)) if value else value


def text(value: object) -> object:
    """A text alone is one without options."""
    return {"text": value} if isinstance(value, str) else value


def viber_options(value: object) -> dict[str, Any]:
    """What a text asks of Viber."""
    return options_as_json(read_options(value))


def custom_name(value: str) -> str:
    """A custom template's name."""
    if reason := why_no_name(value):
        raise ValueError(reason)
    return value


def trigger_known(value: str) -> str:
    """A trigger of the catalogue."""
    if value not in BY_ID:
        near = nearest(value, BY_ID)
        raise ValueError(f"there is no such trigger; {f'did you mean {near}?' if near else ', '.join(BY_ID)}")
    return value


def typed(read_one: Callable[[str], T]) -> Callable[[object], T]:
    """What the command line reads as a figure, read from a file."""
    return lambda value: parsed(read_one)("" if isinstance(value, bool) else str(value))


Money = Annotated[Decimal | None, BeforeValidator(or_none(typed(money_or_none)))]
Count = Annotated[int | None, BeforeValidator(or_none(typed(count_or_none)))]
Word = Annotated[str, BeforeValidator(parsed(read.named))]
Language = Annotated[str, BeforeValidator(parsed(language))]
Small = Annotated[int, Field(ge=1, le=SMALL_MAX)]


class Part(BaseModel):
    """A part of the file: nothing but what is known, and nothing taken for something else."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)


class TextPart(Part):
    """One text and what it asks for."""

    text: Annotated[str, AfterValidator(tidy)]
    missing: Literal["drop", "fail"] = "drop"
    viber: Annotated[dict[str, Any], BeforeValidator(viber_options)] = {}


Texts = dict[Language, Annotated[TextPart, BeforeValidator(text)]]


class TriggerPart(Part):
    """How a trigger is used."""

    enabled: bool | None = None
    channel: Literal["sms", "viber", "viber_then_sms", "both"] | None = None
    in_doubt: Literal["lose", "repeat"] | None = None
    settings: dict[str, Any] | None = None
    daily_budget: Money = None
    daily_segments: Count = None
    over_budget: Literal["stop", "alert"] | None = None
    texts: Texts | None = None


class CustomPart(Part):
    """A custom template."""

    section: Annotated[str, BeforeValidator(parsed(section_known))]
    description: str = ""
    texts: Annotated[Texts, Field(min_length=1)]


class AccountFile(Part):
    """Everything that is set of an account."""

    account: Annotated[str, Field(pattern="^[a-z0-9-]{1,40}$")] | None = None
    name: Word | None = None
    sender: Word | None = None
    zone: Annotated[str, BeforeValidator(parsed(read.zone_known))] | None = None
    locale: Annotated[str, BeforeValidator(parsed(read.locale_known))] | None = None
    hours: Annotated[Window, BeforeValidator(parsed(read.hours))] | None = None
    post_mode: Literal["send", "sendmulti"] | None = None
    multi_max: Annotated[int, Field(ge=1, le=100)] | None = None
    rate: Annotated[float, BeforeValidator(number)] | None = None
    segment_rate: Annotated[float | None, BeforeValidator(or_none(number))] = None
    in_flight: Small | None = None
    key_life: Annotated[Any, BeforeValidator(parsed(read.key_life))] = None
    person_hour: Small | None = None
    person_day: Small | None = None
    same_text: Annotated[Any, BeforeValidator(parsed(read.same_text))] = None
    brake_from: Annotated[int, Field(ge=1, le=LARGE_MAX)] | None = None
    viber_sender: Annotated[str | None, BeforeValidator(or_none(parsed(read.named)))] = None
    viber_instead: bool | None = None
    viber_reach_days: Annotated[int, Field(ge=0, le=REACH_DAYS_MAX)] | None = None
    custom_shortcodes: Annotated[list[str], AfterValidator(own_codes)] | None = None
    plain_punctuation: bool | None = None
    transliterate: bool | None = None
    segment_price: Annotated[Decimal | None, BeforeValidator(or_none(price))] = None
    daily_budget: Money = None
    daily_segments: Count = None
    over_budget: Literal["stop", "alert"] | None = None
    low_balance: Money = None
    low_hours: Annotated[int | None, BeforeValidator(or_none(typed(hours_or_none)))] = None
    alert_phone: Annotated[str | None, BeforeValidator(or_none(parsed(phone_or_none)))] = None
    triggers: dict[Annotated[str, AfterValidator(trigger_known)], TriggerPart] | None = None
    templates: dict[Annotated[str, AfterValidator(custom_name)], CustomPart] | None = None


def read_file(content: str) -> tuple[AccountFile, Document] | list[Fault]:
    """A file as it is meant, or everything that is wrong with it."""
    document = read_yaml(content)
    if isinstance(document, list):
        return document
    try:
        file = AccountFile.model_validate(document.value)
    except ValidationError as error:
        return [fault_of(document, details) for details in error.errors(include_url=False, include_context=False)]
    wrong = [Fault(document.line(path), path, words) for path, words in setting_faults(file)]
    return wrong or (file, document)


def setting_faults(file: AccountFile) -> Iterator[tuple[Path, str]]:
    """What is wrong with settings that only some triggers have."""
    for name, part in (file.triggers or {}).items():
        for path, words in faults(BY_ID[name], part.settings or {}):
            yield ("triggers", name, "settings", *path), words
        if BY_ID[name].is_free and part.texts is not None:
            yield ("triggers", name, "texts"), "each of its events brings its text: leave this out"


def fault_of(document: Document, details: ErrorDetails) -> Fault:
    """One of pydantic's complaints with its line, and with the nearest right key where one is unknown."""
    path: Path = tuple(step for step in details["loc"] if step != "[key]")
    if details["type"] == "extra_forbidden":
        key, known = str(path[-1]), keys_at(path[:-1])
        near = nearest(key, known)
        words = f"there is no such key; {f'did you mean {near}?' if near else 'known: ' + ', '.join(known)}"
    else:
        words = details["msg"].removeprefix("Value error, ")
    return Fault(document.line(path), path, words)


def keys_at(path: Path) -> Sequence[str]:
    """The keys that may stand there."""
    match path:
        case (*_, "texts", _):
            part: type[Part] = TextPart
        case ("triggers", _):
            part = TriggerPart
        case ("templates", _):
            part = CustomPart
        case _:
            part = AccountFile
    return list(part.model_fields)


def texts_of(file: AccountFile) -> Iterator[tuple[Path, str, TextPart]]:
    """Every text of a file: where it stands, in which language, and the text."""
    parts: Mapping[str, Mapping[str, TriggerPart | CustomPart]] = {
        "triggers": file.triggers or {},
        "templates": file.templates or {},
    }
    for group, named_parts in parts.items():
        for name, part in named_parts.items():
            for locale, one in (part.texts or {}).items():
                yield (group, name, "texts", locale), locale, one

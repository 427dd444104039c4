"""The file of an account's whole configuration: what it may hold, and each fault of one with its line and its fix.

What a file does not mention stays as it is; the texts of a trigger, and the custom templates, are replaced as a whole.
The TurboSMS token is no part of it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model
from pydantic_core import ErrorDetails

from worker.core.accounts.choices import Channel, IfUnconfirmed, Missing
from worker.core.accounts.setting import Setting
from worker.core.accounts.setting_kinds import Text
from worker.core.accounts.settings import BUDGET, SETTINGS
from worker.core.accounts.yaml_text import Document, Fault, Path
from worker.core.accounts.yaml_text import read as read_yaml
from worker.core.authoring.given_values import language, section_known, tidy
from worker.core.authoring.nearest_name import suggestion
from worker.core.authoring.template_scope import why_no_name
from worker.core.authoring.trigger_settings_check import faults
from worker.core.contract.validation_errors import sentence_of
from worker.core.texts.viber_message import options_as_json, read_options
from worker.core.triggers.catalogue import BY_ID
from worker.language import _

T = TypeVar("T")
P = TypeVar("P", bound="Part")


def parsed(parse: Callable[[str], T]) -> Callable[[object], T]:
    return lambda value: parse(Text().read(value))


def text(value: object) -> object:
    """A text alone is one without options."""
    return {"text": value} if isinstance(value, str) else value


def viber_options(value: object) -> dict[str, Any]:
    return options_as_json(read_options(value))


def custom_name(value: str) -> str:
    if reason := why_no_name(value):
        raise ValueError(reason)
    return value


def trigger_known(value: str) -> str:
    if value not in BY_ID:
        raise ValueError(_("there is no such trigger; {hint}", hint=suggestion(value, BY_ID, ", ".join(BY_ID))))
    return value


Language = Annotated[str, BeforeValidator(parsed(language))]


class Part(BaseModel):
    """A part of the file: nothing but what is known, and nothing taken for something else."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)


class OwnedPart(Part):
    account: Annotated[str, Field(pattern="^[a-z0-9-]{1,40}$")] | None = None


def with_keys(settings: Iterable[Setting], base: type[P]) -> type[P]:
    keys: dict[str, Any] = {setting.name: (Annotated[Any, BeforeValidator(setting.read)], None) for setting in settings}
    return create_model("SettingsPart", __base__=base, **keys)


def given(part: Part, settings: Iterable[Setting]) -> dict[str, Any]:
    """The settings that a part mentions, by their attribute."""
    mentioned = [setting for setting in settings if setting.name in part.model_fields_set]
    return {setting.attribute: getattr(part, setting.name) for setting in mentioned}


class TextPart(Part):
    text: Annotated[str, AfterValidator(tidy)]
    missing: Missing = "drop"
    viber: Annotated[dict[str, Any], BeforeValidator(viber_options)] = {}


Texts = dict[Language, Annotated[TextPart, BeforeValidator(text)]]


BudgetPart = with_keys(BUDGET, Part)


class TriggerPart(BudgetPart):
    enabled: bool | None = None
    channel: Channel | None = None
    if_unconfirmed: IfUnconfirmed | None = None
    settings: dict[str, Any] | None = None
    texts: Texts | None = None

    def budget(self) -> dict[str, Any]:
        return given(self, BUDGET)


class CustomPart(Part):
    section: Annotated[str, BeforeValidator(parsed(section_known))]
    description: str = ""
    texts: Annotated[Texts, Field(min_length=1)]


SettingsPart = with_keys(SETTINGS, OwnedPart)


class AccountFile(SettingsPart):
    triggers: dict[Annotated[str, AfterValidator(trigger_known)], TriggerPart] | None = None
    templates: dict[Annotated[str, AfterValidator(custom_name)], CustomPart] | None = None

    def settings(self) -> dict[str, Any]:
        return given(self, SETTINGS)


def read_file(content: str) -> tuple[AccountFile, Document] | list[Fault]:
    document = read_yaml(content)
    if isinstance(document, list):
        return document
    try:
        file = AccountFile.model_validate(document.value)
    except ValidationError as error:
        return [fault_of(document, details) for details in error.errors(include_url=False)]
    wrong = [Fault(document.line(path), path, message) for path, message in setting_faults(file)]
    return wrong or (file, document)


def setting_faults(file: AccountFile) -> Iterator[tuple[Path, str]]:
    for name, part in (file.triggers or {}).items():
        for path, sentence in faults(BY_ID[name], part.settings or {}):
            yield ("triggers", name, "settings", *path), sentence
        if BY_ID[name].is_free and part.texts is not None:
            yield ("triggers", name, "texts"), _("each of its events brings its text: leave this out")


def fault_of(document: Document, details: ErrorDetails) -> Fault:
    """One of pydantic's complaints with its line, and with the nearest right key where one is unknown."""
    path: Path = tuple(step for step in details["loc"] if step != "[key]")
    if details["type"] == "extra_forbidden":
        key, known = str(path[-1]), keys_at(path[:-1])
        sentence = _(
            "there is no such key; {hint}", hint=suggestion(key, known, _("known: {keys}", keys=", ".join(known)))
        )
    else:
        sentence = sentence_of(details)
    return Fault(document.line(path), path, sentence)


def keys_at(path: Path) -> Sequence[str]:
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
    """Every text of a file: its path, its language, and the text."""
    parts: Mapping[str, Mapping[str, TriggerPart | CustomPart]] = {
        "triggers": file.triggers or {},
        "templates": file.templates or {},
    }
    for group, named_parts in parts.items():
        for name, part in named_parts.items():
            for locale, item in (part.texts or {}).items():
                yield (group, name, "texts", locale), locale, item

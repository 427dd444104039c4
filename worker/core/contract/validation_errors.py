"""What is wrong with an event, field by field, in words that do not hold the values it had."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from worker.language import _, marked, ngettext

Path = tuple[str | int, ...]
SHOWN = 5
ABSENT = object()
WANTED: Mapping[str, str] = {
    "bool_parsing": marked("true or false"),
    "bool_type": marked("true or false"),
    "date_type": marked("a string"),
    "datetime_type": marked("a string"),
    "dict_type": marked("an object"),
    "float_parsing": marked("a number"),
    "float_type": marked("a number"),
    "finite_number": marked("a number"),
    "int_from_float": marked("a whole number"),
    "int_parsing": marked("a whole number"),
    "int_parsing_size": marked("a whole number"),
    "int_type": marked("a whole number"),
    "list_type": marked("a list"),
    "model_type": marked("an object"),
    "string_type": marked("a string"),
    "string_unicode": marked("a string"),
}
UNREAL = marked("names a day or an hour that does not exist")
#: Every other error that a model of ours can find; what is wrong in our own words comes as `value_error`.
SENTENCES: Mapping[str, str] = {
    "date_from_datetime_inexact": UNREAL,
    "date_from_datetime_parsing": UNREAL,
    "date_parsing": UNREAL,
    "datetime_from_date_parsing": UNREAL,
    "datetime_object_invalid": UNREAL,
    "datetime_parsing": UNREAL,
    "extra_forbidden": marked("is not known here"),
    "greater_than_equal": marked("must be greater than or equal to {ge}"),
    "less_than": marked("must be less than {lt}"),
    "less_than_equal": marked("must be less than or equal to {le}"),
    "literal_error": marked("must be {expected}"),
    "missing": marked("is missing"),
    "string_pattern_mismatch": marked("must match the pattern {pattern}"),
    "string_too_long": marked("must have {max_length} or fewer characters"),
    "string_too_short": marked("must have {min_length} or more characters"),
    "timezone_aware": marked("must have an offset such as +02:00"),
    "too_long": marked("must have {max_length} or fewer items"),
    "too_short": marked("must have {min_length} or more items"),
    "value_error": "{error}",
}
#: Of a type that a later pydantic may bring.
OTHERWISE = marked("cannot be read")


@dataclass(frozen=True, slots=True)
class Fault:
    field: str
    problem: str

    def __str__(self) -> str:
        return f"{self.field}: {self.problem}"


def faults_of(error: ValidationError, value: object, *prefix: str) -> tuple[Fault, ...]:
    """The faults that a model found in a value, one for each field, however many spellings the field allows."""
    return tuple(by_path(error, value, *prefix).values())


def by_path(error: ValidationError, value: object, *prefix: str) -> dict[Path, Fault]:
    return first_by_path(error, value, *prefix)[0]


def first_faults(error: ValidationError, value: object, most: int) -> tuple[tuple[Fault, ...], int]:
    """The faults of so many fields at most, and how many errors the model found beside them."""
    faults, more = first_by_path(error, value, most=most)
    return tuple(faults.values()), more


def first_by_path(
    error: ValidationError, value: object, *prefix: str, most: int | None = None
) -> tuple[dict[Path, Fault], int]:
    details = error.errors(include_url=False, include_input=False)
    grouped: dict[Path, list[ErrorDetails]] = {}
    looked_at = 0
    for detail in details:
        path = path_of(detail, value)
        if len(grouped) == most and path not in grouped:
            break
        grouped.setdefault(path, []).append(detail)
        looked_at += 1
    faults = {
        path: Fault(".".join([*prefix, *map(str, path)]) or "body", problem(found)) for path, found in grouped.items()
    }
    return faults, len(details) - looked_at


def path_of(error: ErrorDetails, value: object) -> Path:
    """Where in the value an error is: pydantic's own path goes on into the branches of a union."""
    path: list[str | int] = []
    at = value
    for name in error["loc"]:
        inner = child(at, name)
        if inner is ABSENT and not (error["type"] == "missing" and isinstance(at, Mapping)):
            break
        path.append(name)
        at = inner
    return tuple(path)


def child(value: object, name: str | int) -> object:
    """What a value holds at a name or an index; a list is not copied for that, for it may be long and all wrong."""
    if isinstance(value, Mapping):
        return cast("Mapping[str | int, object]", value).get(name, ABSENT)
    if isinstance(value, list) and isinstance(name, int) and 0 <= name < len(cast("list[object]", value)):
        return cast("list[object]", value)[name]
    return ABSENT


def problem(errors: Sequence[ErrorDetails]) -> str:
    """What is wrong with one field; if only its type is wrong, every type that would be right."""
    values = [detail for detail in errors if detail["type"] not in WANTED]
    if values:
        return sentence_of(values[0])
    wanted = dict.fromkeys(_(WANTED[detail["type"]]) for detail in errors)
    return _("must be {wanted}", wanted=_(" or ").join(wanted))


def sentence_of(error: ErrorDetails) -> str:
    """What pydantic found, in our words."""
    if wanted := WANTED.get(error["type"]):
        return _("must be {wanted}", wanted=_(wanted))
    facts = error.get("ctx", {})
    if choices := facts.get("expected"):
        facts = {**facts, "expected": choices.replace(" or ", _(" or "))}
    return _(SENTENCES.get(error["type"], OTHERWISE), **facts)


def fault_summary(faults: Sequence[object], more: int = 0) -> str:
    """Write the first faults as a sentence, and how many stand beside them; `more` are known by number only."""
    more += max(0, len(faults) - SHOWN)
    return "; ".join(map(str, faults[:SHOWN])) + (
        ngettext("; and {count} more", "; and {count} more", more) if more else ""
    )

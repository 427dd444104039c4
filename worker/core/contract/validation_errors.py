"""What is wrong with an event, field by field, in words that do not hold the values it had."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from worker.language import _, marked, ngettext

Path = tuple[str | int, ...]
SHOWN = 5
WANTED: Mapping[str, str] = {
    "bool_parsing": marked("true or false"),
    "bool_type": marked("true or false"),
    "date_type": marked("a string"),
    "dict_type": marked("an object"),
    "float_parsing": marked("a number"),
    "float_type": marked("a number"),
    "int_from_float": marked("a whole number"),
    "int_parsing": marked("a whole number"),
    "int_parsing_size": marked("a whole number"),
    "int_type": marked("a whole number"),
    "list_type": marked("a list"),
    "model_type": marked("an object"),
    "string_type": marked("a string"),
}
ASKS = re.compile(r"(?:Value error, )?(?:(?:Input|String|List|Value|Dictionary) should )?")


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
    grouped: dict[Path, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        grouped.setdefault(path_of(detail, value), []).append(detail)
    return {
        path: Fault(".".join([*prefix, *map(str, path)]) or "body", problem(details))
        for path, details in grouped.items()
    }


def path_of(error: ErrorDetails, value: object) -> Path:
    """Where in the value an error is: pydantic's own path goes on into the branches of a union."""
    path: list[str | int] = []
    for name in error["loc"]:
        inner = children(value)
        if name not in inner and not (error["type"] == "missing" and isinstance(value, Mapping)):
            break
        path.append(name)
        value = inner.get(name)
    return tuple(path)


def children(value: object) -> Mapping[str | int, object]:
    if isinstance(value, Mapping):
        return cast("Mapping[str | int, object]", value)
    return dict(enumerate(cast("list[object]", value))) if isinstance(value, list) else {}


def problem(errors: Sequence[ErrorDetails]) -> str:
    """What is wrong with one field; if only its type is wrong, every type that would be right."""
    values = [detail for detail in errors if detail["type"] not in WANTED]
    if not values:
        wanted = dict.fromkeys(_(WANTED[detail["type"]]) for detail in errors)
        return _("must be {wanted}", wanted=_(" or ").join(wanted))
    message = values[0]["msg"]
    if values[0]["type"] == "missing":
        return _("is missing")
    asked = ASKS.match(message)
    rest = message[asked.end() if asked else 0 :]
    return _("must {rest}", rest=rest) if asked and asked[0].endswith("should ") else rest


def fault_summary(faults: Sequence[Fault]) -> str:
    more = len(faults) - SHOWN
    return "; ".join(map(str, faults[:SHOWN])) + (
        ngettext("; and {count} more", "; and {count} more", more) if more > 0 else ""
    )

"""A request's strings and bytes, read into the models of its endpoint, or what is wrong with which field."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_origin

import orjson
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from worker.core.contract.validation_errors import Fault, first_faults
from worker.language import _, marked
from worker.web.api.endpoint import Endpoint
from worker.web.api.fields import InHeader
from worker.web.api.problems import ERRORS_MAX, NOT_JSON, Problem, invalid, wrong_field

JSON = "application/json"
UNKNOWN = marked("is not known here")
#: Above this even naming the first would cost too much: to list errors, pydantic makes each.
COUNTED_MAX = 5_000
NOT_RENAMED: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came; names of headers are in small letters."""

    path: Mapping[str, Any]
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Given:
    """A request, read."""

    parameters: BaseModel | None
    body: BaseModel | None


def read(endpoint: Endpoint, asked: Asked) -> Given | Problem:
    """Parameters first: a body of a thing that is not there need not be looked at."""
    parameters = parameters_of(endpoint.parameters, asked)
    if isinstance(parameters, Problem) or endpoint.body is None:
        return parameters if isinstance(parameters, Problem) else Given(parameters, None)
    body = body_of(endpoint.body, asked)
    return body if isinstance(body, Problem) else Given(parameters, body)


def parameters_of(model: type[BaseModel] | None, asked: Asked) -> BaseModel | Problem | None:
    if model is None:
        wrong = [Fault(name, _(UNKNOWN)) for name, _text in asked.query]
        return invalid(wrong) if wrong else None
    values: dict[str, Any] = {}
    for name, text in asked.query:
        if name in asked.path or name in headers_of(model):
            return wrong_field(name, _(UNKNOWN))
        if name in repeatable(model):
            values.setdefault(name, []).append(text)
        elif name in values:
            return wrong_field(name, _("is given twice: give it once"))
        else:
            values[name] = text
    in_headers = {name: asked.headers.get(header.lower()) for name, header in headers_of(model).items()}
    values |= {**asked.path, **{name: text for name, text in in_headers.items() if text is not None}}
    try:
        return model.model_validate(values)
    except ValidationError as error:
        return wrong_fields(error, values, headers_of(model))


def body_of(model: type[BaseModel], asked: Asked) -> BaseModel | Problem:
    if asked.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        return Problem(NOT_JSON, _("Send the body as Content-Type: {type}.", type=JSON))
    try:
        value: object = orjson.loads(asked.body)
    except orjson.JSONDecodeError as error:
        return wrong_field("body", _("is not JSON: {error}", error=error))
    try:
        return model.model_validate_json(asked.body, strict=True)
    except ValidationError as error:
        return wrong_fields(error, value)


def wrong_fields(error: ValidationError, value: object, written: Mapping[str, str] = NOT_RENAMED) -> Problem:
    """Name what is wrong, fields as the client has `written` them."""
    if error.error_count() > COUNTED_MAX:
        return wrong_field("body", _("has more than {most} faults, too many to name them", most=COUNTED_MAX))
    faults, more = first_faults(error, value, ERRORS_MAX)
    return invalid([Fault(written.get(fault.field, fault.field), fault.problem) for fault in faults], more)


@cache
def repeatable(model: type[BaseModel]) -> frozenset[str]:
    """Parameters that may come several times."""
    return frozenset(name for name, each in model.model_fields.items() if is_list(each.annotation))


def is_list(annotation: Any) -> bool:  # noqa: ANN401 (any type)
    return get_origin(annotation) in (list, tuple) or any(map(is_list, get_args(annotation)))


@cache
def headers_of(model: type[BaseModel]) -> Mapping[str, str]:
    """Parameters that come in headers, by name."""
    return {name: header for name, each in model.model_fields.items() for header in headers_in(each)}


def headers_in(info: FieldInfo) -> Iterable[str]:
    return (mark.name for mark in info.metadata if isinstance(mark, InHeader))

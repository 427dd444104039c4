"""The API as an OpenAPI 3.1 document, made of the endpoints and the models that read and write.

https://spec.openapis.org/oas/v3.1.1.html
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from worker.web.api.endpoint import Endpoint
from worker.web.api.problems import (
    INVALID,
    MEDIA_TYPE,
    OF_ALL,
    OF_BODIES,
    OF_PARAMETERS,
    AnswerHeader,
    ProblemDetails,
    ProblemKind,
    type_of,
)
from worker.web.api.reading import JSON, headers_of

Json = dict[str, Any]
VERSION = "1.0.0"
REF = "#/components/schemas/{model}"
PROBLEM = {"$ref": REF.format(model=ProblemDetails.__name__)}
KEY = "key"
DOCUMENT = "/openapi.json"
ABOUT = """\
What became of texts, and what a CRM may do about them. A key belongs to one account and learns of no other: make it
with `perfectum-sms apikey add`, and send it as `Authorization: Bearer psms_…`.

- Lists go on where they ended: send `next` of a page as `cursor`, with the other parameters as they were.
- Moments are RFC 3339, and UTC in answers. Prices are hryvnias, written as strings.
- Whatever is refused is answered as a problem of RFC 9457 that names each wrong field.
- `Accept-Language: uk` has what an admin may read of it in Ukrainian: faults of fields, the linter, schedules.
- Phones are masked, unless the key may see them and `phones=true` asks for them; the audit notes who looked.
- A key has a rate, counted by each process that answers. After 429 and 503 wait as many seconds as `Retry-After` says,
  then send the same request again.
"""
WRONG = {"field": "state", "problem": "deliverd is none: did you mean delivered?"}
AS_BEFORE = "It is as it was: the client has this version."
KNOWN_VERSION: Json = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` that was read: while it is the newest, the answer is 304 and has no body.",
    "schema": {"type": "string", "examples": ['"0f3c5a"']},
}
PARAMETER = re.compile(r"\{(\w+)(?::path)?\}")


class Untitled(GenerateJsonSchema):
    """Schemas without titles that repeat the names of fields."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002 (as pydantic has it)
        return False


def document(endpoints: Sequence[Endpoint], tags: Mapping[str, str]) -> Json:
    """Describe endpoints; `tags` are their groups, each with a sentence."""
    answers = {each.name: TypeAdapter[Any](each.answer) for each in endpoints if each.answer is not None}
    bodies = {each.name: each.body for each in endpoints if each.body}
    schemas, definitions = TypeAdapter.json_schemas(
        [
            *((name, "serialization", adapter) for name, adapter in answers.items()),
            *((name, "validation", TypeAdapter(model)) for name, model in bodies.items()),
            ("problem", "serialization", TypeAdapter(ProblemDetails)),
        ],
        ref_template=REF,
        schema_generator=Untitled,
    )
    paths: dict[str, Json] = defaultdict(dict)
    for each in endpoints:
        paths[PARAMETER.sub(r"{\1}", each.path)][each.method.lower()] = operation(each, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Perfectum SMS", "version": VERSION, "description": ABOUT},
        "servers": [{"url": "/api/v1"}],
        "tags": [{"name": name, "description": sentence} for name, sentence in tags.items()],
        "security": [{KEY: []}],
        "paths": {DOCUMENT: {"get": own_operation()}, **paths},
        "components": {
            "securitySchemes": {KEY: {"type": "http", "scheme": "bearer", "bearerFormat": "psms_<id>_<secret>"}},
            "schemas": definitions.get("$defs", {}),
            "responses": {each.name: refusal(each) for each in kinds_of(endpoints)},
        },
    }


def operation(each: Endpoint, schemas: Mapping[Any, Json]) -> Json:
    result: Json = {
        "operationId": each.name,
        "tags": [each.tag],
        "summary": each.summary,
        "description": f"{each.description}\n\nThe key needs the scope `{each.scope}`.".strip(),
        "parameters": parameters_of(each),
        "responses": responses_of(each, schemas),
    }
    if each.body:
        content = {JSON: {"schema": schemas[each.name, "validation"]}}
        result["requestBody"] = {"required": True, "content": content}
    return result


def own_operation() -> Json:
    return {
        "operationId": "openapi",
        "summary": "This document",
        "security": [],
        "responses": {"200": {"description": "OpenAPI 3.1.", "content": {JSON: {"schema": {"type": "object"}}}}},
    }


def parameters_of(each: Endpoint) -> list[Json]:
    return [*declared(each), *([KNOWN_VERSION] if HTTPStatus.NOT_MODIFIED in each.statuses else ())]


def declared(each: Endpoint) -> list[Json]:
    if each.parameters is None:
        return []
    schema = TypeAdapter(each.parameters).json_schema(ref_template=REF, schema_generator=Untitled)
    in_path, in_header = PARAMETER.findall(each.path), headers_of(each.parameters)
    return [
        {
            "name": in_header.get(name, name),
            "in": "path" if name in in_path else "header" if name in in_header else "query",
            "required": name in schema.get("required", ()),
            "description": fields.pop("description", ""),
            "schema": given(fields),
        }
        for name, fields in schema["properties"].items()
    ]


def given(schema: Json) -> Json:
    """The schema of a parameter where it is given: one that is not is left out, and never null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name != "anyOf" and (name, value) != ("default", None)}
    return rest | (kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {})


def responses_of(each: Endpoint, schemas: Mapping[Any, Json]) -> Json:
    good: Json = {"description": each.summary, **headers_in_answers(each.headers)}
    as_before: Json = {"description": AS_BEFORE, **headers_in_answers(each.headers)}
    if each.answer is not None:
        good["content"] = {JSON: {"schema": schemas[each.name, "serialization"]}}
    by_status: dict[int, list[ProblemKind]] = defaultdict(list)
    for kind in problems_of(each):
        by_status[kind.status].append(kind)
    return {
        **{str(status): as_before if status == HTTPStatus.NOT_MODIFIED else good for status in each.statuses},
        **{
            str(int(status)): refusals(kinds) if len(kinds) > 1 else {"$ref": f"#/components/responses/{kinds[0].name}"}
            for status, kinds in sorted(by_status.items())
        },
    }


def headers_in_answers(headers: Iterable[AnswerHeader]) -> Json:
    described = {
        each.name: {"description": each.description, "schema": {"type": "string", "examples": [each.example]}}
        for each in headers
    }
    return {"headers": described} if described else {}


def problems_of(each: Endpoint) -> list[ProblemKind]:
    """What an endpoint may refuse, each once."""
    of_body = OF_BODIES if each.body else ()
    return list(dict.fromkeys((*OF_PARAMETERS, *of_body, *each.problems, *OF_ALL)))


def kinds_of(endpoints: Iterable[Endpoint]) -> list[ProblemKind]:
    return list(dict.fromkeys(kind for each in endpoints for kind in problems_of(each)))


def refusal(kind: ProblemKind) -> Json:
    return {
        "description": kind.meaning,
        **headers_in_answers(kind.headers),
        "content": {MEDIA_TYPE: {"schema": PROBLEM, "example": example_of(kind)}},
    }


def refusals(kinds: Sequence[ProblemKind]) -> Json:
    """Refusals that have one status: `type` tells them apart."""
    examples = {kind.name: {"summary": kind.title, "value": example_of(kind)} for kind in kinds}
    return {
        "description": "\n\n".join(f"`{type_of(kind)}`: {kind.meaning}" for kind in kinds),
        **headers_in_answers(header for kind in kinds for header in kind.headers),
        "content": {MEDIA_TYPE: {"schema": PROBLEM, "examples": examples}},
    }


def example_of(kind: ProblemKind) -> Json:
    return {
        "type": type_of(kind),
        "title": kind.title,
        "status": int(kind.status),
        "detail": kind.meaning,
        "errors": [WRONG] if kind == INVALID else [],
        "more": 0,
    }

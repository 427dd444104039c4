"""The document that says what the API takes and answers."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.web.api.conftest import Api
from worker.web.api.catalogue import ENDPOINTS, TAGS
from worker.web.api.endpoint import Answer, Call, endpoint
from worker.web.api.openapi import document
from worker.web.api.problems import CONFLICT, Problem, ProblemKind

OFFICIAL: dict[str, Any] = json.loads((Path(__file__).parents[2] / "data" / "openapi-3.1.json").read_bytes())
DOCUMENT: dict[str, Any] = json.loads(json.dumps(document(ENDPOINTS, TAGS)))
TAKEN = ProblemKind("taken", HTTPStatus.CONFLICT, "The name is taken", "Another thing has the name.")


def operations() -> Iterator[dict[str, Any]]:
    return (operation for path in DOCUMENT["paths"].values() for operation in path.values())


def test_the_openapi_document_is_valid_by_the_official_schema() -> None:
    official: Any = Draft202012Validator(OFFICIAL)

    assert [error.message for error in official.iter_errors(DOCUMENT)] == []


def test_every_schema_of_the_document_is_valid_json_schema() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_the_api_shows_its_document_without_a_key(api: Api) -> None:
    response = api.get("/openapi.json", key=None)

    assert (response.json(), response.headers["content-type"]) == (DOCUMENT, "application/json")


def test_every_operation_parameter_and_field_is_described() -> None:
    for operation in operations():
        assert operation["summary"], operation
        assert all(parameter["description"] for parameter in operation.get("parameters", ())), operation
    fields = {
        f"{name}.{field}": schema.get("description") or schema.get("$ref") or schema.get("items")
        for name, model in DOCUMENT["components"]["schemas"].items()
        for field, schema in model.get("properties", {}).items()
    }
    assert [name for name, description in fields.items() if not description] == []


def test_every_endpoint_names_the_refusals_that_any_may_answer_with() -> None:
    wanted = {"400", "401", "403", "429", "500", "503"}

    assert all(wanted <= set(each["responses"]) for each in operations() if each["operationId"] != "openapi")


def headers_in(response: dict[str, Any]) -> set[str]:
    name = response.get("$ref", "").rpartition("/")[2]
    return set((DOCUMENT["components"]["responses"][name] if name else response).get("headers", ()))


def test_headers_of_answers_and_versions_are_described() -> None:
    responses = {each["operationId"]: each["responses"] for each in operations()}
    asked = {each["operationId"]: {field["name"] for field in each.get("parameters", ())} for each in operations()}

    for name, answers in responses.items():
        if "304" in answers:
            assert ("If-None-Match" in asked[name], headers_in(answers["304"])) == (True, {"ETag"})
        if "If-Match" in asked[name]:
            assert [headers_in(answers[status]) for status in ("200", "412")] == [{"ETag"}] * 2
        for status, header in (("401", "WWW-Authenticate"), ("429", "Retry-After"), ("503", "Retry-After")):
            assert header in headers_in(answers.get(status, {"headers": [header]}))
    assert headers_in(responses["send_text"]["202"]) == {"Idempotent-Replayed"}


@endpoint("POST", "/things", scope="send", tag="things", problems=(CONFLICT, TAKEN))
def add_thing(call: Call[None, None]) -> Answer | Problem:
    """Add a thing."""
    return Problem(TAKEN, f"{call.account} has it: take another.")


def test_refusals_of_one_status_are_all_described() -> None:
    refused = document([add_thing], {})["paths"]["/things"]["post"]["responses"]["409"]

    examples = refused["content"]["application/problem+json"]["examples"]
    assert {name: example["value"]["type"] for name, example in examples.items()} == {
        "conflict": "urn:perfectum-sms:problem:conflict",
        "taken": "urn:perfectum-sms:problem:taken",
    }
    assert all(kind.meaning in refused["description"] for kind in (CONFLICT, TAKEN))

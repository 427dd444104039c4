"""The OpenAPI document, read to the letter: an answer with a field that it does not name is wrong."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import schemathesis
from schemathesis import checks

from worker.web.api.catalogue import ENDPOINTS, TAGS
from worker.web.api.openapi import document

DOCUMENT: dict[str, Any] = json.loads(json.dumps(document(ENDPOINTS, TAGS)))
checks.load_all_checks()
BY_NAME: Any = vars(checks)["CHECKS"]
#: What holds for every answer to whatever is asked, right or wrong.
ALWAYS: list[Any] = BY_NAME.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    ]
)
#: What holds beside it where all that is wrong is on the wire.
WHERE_SENT: list[Any] = [*ALWAYS, *BY_NAME.get_by_names(["negative_data_rejection"])]


def checks_of(case: Any, response: Any) -> list[Any]:
    """An empty list among the parameters is wrong for the fuzzer, and left out by its client."""
    sent = parse_qs(urlsplit(str(response.request.url)).query, keep_blank_values=True)
    return WHERE_SENT if set(case.query or ()) <= sent.keys() else ALWAYS


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "additionalProperties": False} if "properties" in schema else schema


def operations() -> dict[str, Any]:
    """The operations by `GET /path`, as a fuzzer has them."""
    schemas = {name: strict(schema) for name, schema in DOCUMENT["components"]["schemas"].items()}
    components = {**DOCUMENT["components"], "schemas": schemas}
    loaded: Any = schemathesis.openapi.from_dict({**DOCUMENT, "components": components})
    return {operation.label: operation for operation in (result.ok() for result in loaded.get_all_operations())}

"""The OpenAPI document, read to the letter: an answer with a field that it does not name is wrong."""

import json
from typing import Any

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
        "negative_data_rejection",
    ]
)


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "additionalProperties": False} if "properties" in schema else schema


def operations() -> dict[str, Any]:
    """The operations by `GET /path`, as a fuzzer has them."""
    schemas = {name: strict(schema) for name, schema in DOCUMENT["components"]["schemas"].items()}
    components = {**DOCUMENT["components"], "schemas": schemas}
    loaded: Any = schemathesis.openapi.from_dict({**DOCUMENT, "components": components})
    return {operation.label: operation for operation in (result.ok() for result in loaded.get_all_operations())}

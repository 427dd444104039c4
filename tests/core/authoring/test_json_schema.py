import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import fastjsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.core.authoring.schema_growth import shrinks
from tests.core.contract.test_event import WRONG, paths, replaced
from tests.support.tries import tries
from worker.cli.event.asyncapi import asyncapi
from worker.cli.event.contract import shown_outcome
from worker.core.authoring.event_examples import SHOWN_AT, shown
from worker.core.authoring.json_schema import json_schema, references, type_schema
from worker.core.contract.event import Event, read
from worker.core.contract.event_types import TYPES, VERSION

DATA = Path(__file__).parents[2] / "data"
PUBLISHED = DATA / "contract"
Schema = dict[str, Any]
CONTRACT: Schema = json.loads(json.dumps(json_schema(shown)))


def validator(schema: Schema) -> Callable[[object], object]:
    # fastjsonschema puts what references lead to into the schema itself.
    return fastjsonschema.compile(copy.deepcopy(schema), use_default=False)


#: One validator for all types: what they share is compiled once.
VALIDATE = validator(
    {
        "properties": {name: {"$ref": f"#/definitions/{name}"} for name in TYPES},
        "definitions": CONTRACT["definitions"],
    }
)
FRACTIONS = st.floats(allow_nan=False, allow_infinity=False).filter(lambda result: not result.is_integer())
#: Numbers of more than 64 bits and those that JSON cannot spell are refused before any schema is asked; 5.0 is a
#: whole number to a schema and none to us.
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | FRACTIONS
STRANGE = st.recursive(
    SCALARS | st.text() | st.sampled_from([value for value in WRONG if value != 10**30]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
#: The account must be the routing key's, and a moment must not lie far ahead: no schema says so.
UNSEEN = [("source",), ("time",)]
EACH_TYPE = pytest.mark.parametrize("event_type", TYPES)


def official(name: str) -> Callable[[object], object]:
    return validator(without_examples(json.loads((DATA / name).read_text())))


def without_examples(schema: Any) -> Any:
    """The same schema; fastjsonschema looks for what its examples refer to."""
    if isinstance(schema, list):
        return [without_examples(item) for item in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    result = cast("Schema", schema)
    return {
        name: without_examples(value) for name, value in result.items() if name != "examples" or isinstance(value, dict)
    }


def accepts(event_type: str, value: object) -> bool:
    try:
        VALIDATE({event_type: value})
    except fastjsonschema.JsonSchemaException:
        return False
    return True


def is_read(value: object) -> bool:
    return isinstance(read(json.dumps(value).encode(), routing_key="demo.x", now=SHOWN_AT), Event)


def is_right(value: Schema) -> bool:
    """Whether it is read and nothing in it counts as not given because nobody can read it."""
    try:
        TYPES[value["type"]].model.model_validate(value["data"])
    except (KeyError, ValidationError):
        return False
    return is_read(value)


def test_the_json_schema_is_valid_by_the_official_schema() -> None:
    official("json-schema-draft-07.json")(CONTRACT)


def test_the_asyncapi_document_is_valid_by_the_official_schema() -> None:
    official("asyncapi-3.0.0.json")(json.loads(json.dumps(asyncapi(shown, shown_outcome))))


@EACH_TYPE
def test_every_example_is_valid_by_the_schema_and_by_the_worker(event_type: str) -> None:
    example = CONTRACT["definitions"][event_type]["examples"][0]

    assert example["type"] == event_type
    assert accepts(event_type, example)
    assert is_read(example)


@EACH_TYPE
def test_a_types_own_schema_is_its_part_of_the_whole(event_type: str) -> None:
    own = json.loads(json.dumps(type_schema(event_type, shown)))

    assert own.keys() >= {"properties", "examples", "$schema"}
    assert all(CONTRACT["definitions"][name] == schema for name, schema in own["definitions"].items())
    assert own | CONTRACT["definitions"][event_type] == own
    assert {f"#/definitions/{name}" for name in own["definitions"]} == set(references(own))


@EACH_TYPE
def test_an_event_fits_its_own_type_and_no_other(event_type: str) -> None:
    fitting = [name for name in TYPES if accepts(name, shown(event_type))]

    assert fitting == [event_type]


@EACH_TYPE
@settings(max_examples=tries(60))
@given(st.data())
def test_an_event_that_the_schema_accepts_is_accepted_by_the_worker(event_type: str, data: st.DataObject) -> None:
    fields = dict(shown(event_type))
    path = data.draw(st.sampled_from([path for path in paths(fields) if path not in UNSEEN]))
    spoilt = replaced(fields, path, data.draw(STRANGE))

    assert is_read(spoilt) or not accepts(event_type, spoilt)


@EACH_TYPE
def test_every_field_that_is_asked_for_is_asked_for_by_both(event_type: str) -> None:
    fields = dict(shown(event_type))
    for path in paths(fields):
        if path and isinstance(path[-1], str):
            cut = without(fields, path)
            assert accepts(event_type, cut) == is_right(cut), path


def without(value: Any, path: tuple[str | int, ...]) -> Any:
    cut = copy.deepcopy(value)
    home = cut
    for name in path[:-1]:
        home = home[name]
    del home[path[-1]]
    return cut


def published() -> list[Path]:
    return sorted(PUBLISHED.glob("*.schema.json"), key=lambda path: [int(part) for part in path.name.split(".")[:3]])


@pytest.mark.parametrize("file", published(), ids=lambda path: path.name)
def test_the_contract_only_grows(file: Path) -> None:
    assert shrinks(json.loads(file.read_text()), CONTRACT) == []


def test_the_newest_published_contract_is_that_of_this_code() -> None:
    newest = published()[-1]
    fix = f"raise contract.VERSION and add: event schema --format json-schema > {PUBLISHED}/VERSION.schema.json"

    assert newest.name == f"{VERSION}.schema.json"
    assert shrinks(CONTRACT, json.loads(newest.read_text())) == [], fix


def shrunk(change: Callable[[Schema], object]) -> list[str]:
    after = copy.deepcopy(CONTRACT)
    change(after["definitions"])
    return shrinks(CONTRACT, after)


NARROWER: list[Callable[[Schema], object]] = [
    lambda schema: schema["Invoice"]["required"].append("number"),
    lambda schema: schema["Invoice"]["properties"].pop("duedate"),
    lambda schema: schema["Recipient"]["properties"]["kind"]["enum"].remove("lead"),
    lambda schema: schema["Money"]["properties"]["amount"].update(pattern="^[0-9]+$"),
    lambda schema: schema["Money"]["properties"].update(amount={"type": "number"}),
    lambda schema: schema["InvoiceOverdue"]["properties"]["recipients"].update(maxItems=10),
    lambda schema: schema["Order"].update(additionalProperties=False),
    lambda schema: schema["Order"]["properties"]["number"]["anyOf"].pop(0),
    lambda schema: schema["Order"]["properties"]["number"]["anyOf"][0].update(maxLength=10),
    lambda schema: schema["sms.send_requested"]["properties"]["id"].update(minLength=5),
    lambda schema: schema["SmsSendRequested"]["oneOf"].pop(),
    lambda schema: schema["order.created"]["properties"].update(data={"$ref": "#/definitions/InvoiceOverdue"}),
    lambda schema: schema["Order"].update({"not": {"required": ["number"]}}),
]
WIDER: list[Callable[[Schema], object]] = [
    lambda schema: schema["Invoice"]["required"].clear(),
    lambda schema: schema["Invoice"]["properties"].update(new={"type": "string"}),
    lambda schema: schema["Recipient"]["properties"]["kind"]["enum"].append("supplier"),
    lambda schema: schema["InvoiceOverdue"]["properties"]["recipients"].update(maxItems=1000),
    lambda schema: schema["Order"]["properties"]["number"]["anyOf"].append({"type": "boolean"}),
    lambda schema: schema["Order"]["properties"].update(number={}),
    lambda schema: schema.update({"order.eaten": {"type": "object"}}),
    lambda schema: schema["Order"].update(description="other words"),
]


@pytest.mark.parametrize("change", NARROWER)
def test_a_narrower_contract_is_noticed(change: Callable[[Schema], object]) -> None:
    assert shrunk(change)


@pytest.mark.parametrize("change", WIDER)
def test_a_wider_contract_is_no_narrower(change: Callable[[Schema], object]) -> None:
    assert shrunk(change) == []

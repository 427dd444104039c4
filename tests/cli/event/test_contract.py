import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.support.crm import event
from worker.core.contract.event_types import TYPES
from worker.core.outcomes.outcome_types import TYPES as OUTCOME_TYPES


def test_the_schema_is_asyncapi_unless_json_schema_is_asked_for(bare: Command) -> None:
    assert bare("event", "schema").json["asyncapi"] == "3.0.0"
    assert bare("event", "schema", "--format", "json-schema").json["definitions"].keys() >= TYPES.keys()


def test_the_schema_of_an_event_type_has_only_its_definitions(bare: Command) -> None:
    body = bare("event", "schema", "order.created").json

    assert body["properties"]["type"]["const"] == "order.created"
    assert "Invoice" not in body["definitions"]
    assert body["examples"][0]["type"] == "order.created"


def test_what_a_crm_hears_has_a_schema_and_an_example(bare: Command) -> None:
    schema, example = bare("event", "schema", "budget.spent").json, bare("event", "example", "budget.spent").json

    assert schema["properties"]["type"]["const"] == example["type"] == "budget.spent"
    assert "TextOutcome" not in schema["definitions"]
    assert {row["type"] for row in bare("event", "types", "--outcomes", "--json").json} == OUTCOME_TYPES.keys()


def test_the_same_contract_is_the_same_bytes(bare: Command) -> None:
    assert bare("event", "schema").out == bare("event", "schema").out


def test_a_folder_gets_both_and_an_example_of_each_type(bare: Command, tmp_path: Path) -> None:
    result = bare("event", "schema", "--out", str(tmp_path / "contract"))

    assert result.code == 0, result.err
    written = {str(path.relative_to(tmp_path / "contract")) for path in tmp_path.rglob("*.json")}
    examples = {f"examples/{name}.json" for name in (*TYPES, *OUTCOME_TYPES)}
    assert written == {"asyncapi.json", "events.schema.json", "outcomes.schema.json", *examples}


@pytest.mark.parametrize("args", [("schema", "order.eaten"), ("schema", "--format", "yaml"), ("validate", "/nowhere")])
def test_wrong_usage_is_exit_code_2(bare: Command, args: tuple[str, ...]) -> None:
    assert bare("event", *args).code == 2


@pytest.mark.parametrize("name", TYPES)
def test_every_example_of_the_command_is_right(bare: Command, name: str) -> None:
    example = bare("event", "example", name).out

    result = bare("event", "validate", "-", given=example)

    assert (result.code, result.out) == (0, "")
    assert "1 is right" in result.err


def test_wrong_fields_are_a_table_with_fixes(bare: Command) -> None:
    wrong = event("invoice.overdue", invoice={"total": {"amount": "5,0", "currency": "UAH"}, "numbr": "7"})

    result = bare("event", "validate", "-", given=json.dumps([event("order.created"), wrong]))

    assert result.code == 1
    assert "data.invoice.total.amount" in result.out
    assert 'write it as "5.00"' in result.out
    assert "did you mean number?" in result.out
    assert "1 of 2 would be refused" in result.err


def test_a_program_gets_the_same_as_json(bare: Command) -> None:
    result = bare("event", "validate", "-", "--json", given=json.dumps(event("order.created", order={})))

    assert result.code == 1
    assert result.json[0] == {
        "event": "-",
        "severity": "error",
        "field": "data.order.id",
        "problem": "is missing",
        "fix": 'add it, such as "1042"',
    }

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
from hypothesis import given, settings

from tests.core.authoring.schema_growth import shrinks
from tests.core.outcomes.outcomes import OUTCOMES
from tests.support.tries import tries
from worker.cli.event.contract import shown, shown_outcome
from worker.core.authoring.json_schema import definitions as definitions_of_events
from worker.core.contract.event_types import VERSION
from worker.core.outcomes.json_schema import definitions, json_schema
from worker.core.outcomes.outcome import Outcome, body
from worker.core.outcomes.outcome_types import TYPES

DATA = Path(__file__).parents[2] / "data"
PUBLISHED = sorted((DATA / "contract/outcomes").glob("*.schema.json"))
CONTRACT: dict[str, Any] = json.loads(json.dumps(json_schema(shown_outcome)))


def validator(schema: dict[str, Any]) -> Callable[[object], object]:
    return fastjsonschema.compile(schema, use_default=False)


VALIDATE = validator(CONTRACT)
OLDER = {file.name: validator(json.loads(file.read_text())) for file in PUBLISHED}


def test_the_schema_is_valid_by_the_official_schema() -> None:
    validator(json.loads((DATA / "json-schema-draft-07.json").read_text()))(CONTRACT)


@pytest.mark.parametrize("name", TYPES)
def test_every_example_is_valid_by_its_schema(name: str) -> None:
    [example] = CONTRACT["definitions"][name]["examples"]

    assert example["type"] == name
    VALIDATE(example)


@settings(max_examples=tries(200))
@given(OUTCOMES)
def test_every_outcome_is_valid_by_the_contract(outcome: Outcome) -> None:
    VALIDATE(json.loads(body(outcome)))


@settings(max_examples=tries(100))
@given(OUTCOMES)
def test_every_outcome_is_valid_by_each_published_contract(outcome: Outcome) -> None:
    event = json.loads(body(outcome))

    assert OLDER
    for validate in OLDER.values():
        validate(event)


def test_the_newest_published_contract_is_that_of_this_code() -> None:
    fix = f"raise contract.VERSION and add outcomes.schema.json of event schema --out as {VERSION}.schema.json"

    assert [file.name for file in PUBLISHED][-1] == f"{VERSION}.schema.json", fix
    assert shrinks(CONTRACT, json.loads(PUBLISHED[-1].read_text())) == [], fix


def test_no_definition_has_the_name_of_one_of_events() -> None:
    assert definitions("#", shown_outcome).keys() & definitions_of_events("#", shown).keys() == set()

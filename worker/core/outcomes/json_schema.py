"""Outcomes as JSON Schema (draft 7), made from what their bodies are written from."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from worker.core.authoring.json_schema import DRAFT, own_schema
from worker.core.contract.event_types import VERSION
from worker.core.contract.facts import Facts
from worker.core.outcomes.facts import HRYVNIAS
from worker.core.outcomes.outcome_types import TYPES, OutcomeType

Json = dict[str, Any]
Example = Callable[[str], Facts]
TITLE = "What the Perfectum SMS worker tells a CRM"


class CloudEvent(BaseModel):
    """CloudEvents 1.0 attributes of an outcome; later workers may add fields."""

    model_config = ConfigDict(extra="allow")

    specversion: Literal["1.0"]
    id: Annotated[str, Field(pattern=r"^outcome-\d+-\d+$", description="The same at each repetition of this outcome.")]
    source: Annotated[str, Field(pattern=r"^/accounts/[a-z0-9-]{1,40}$")]
    subject: Annotated[str, Field(min_length=1, description="What it is about.")]
    time: Annotated[datetime, Field(description="When it happened.")]
    datacontenttype: Literal["application/json"]


class Spelt(GenerateJsonSchema):
    """As `body` spells amounts."""

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:  # noqa: ARG002 (all alike)
        return {"type": "string", "pattern": HRYVNIAS}


def json_schema(example: Example) -> Json:
    return {
        "$schema": DRAFT,
        "title": TITLE,
        "version": VERSION,
        "oneOf": [{"$ref": f"#/definitions/{name}"} for name in TYPES],
        "definitions": definitions("#/definitions", example),
    }


def type_schema(name: str, example: Example) -> Json:
    return own_schema(name, definitions("#/definitions", example))


@cache
def definitions(home: str, example: Example) -> Json:
    """Each type's schema by its name, and those of what it holds."""
    models = {name: model_of(outcome_type) for name, outcome_type in TYPES.items()}
    _, made = models_json_schema(
        [(model, "serialization") for model in models.values()],
        ref_template=f"{home}/{{model}}",
        schema_generator=Spelt,
    )
    body = cast("Json", made["$defs"])
    # pydantic takes what is before a dot for a module's name.
    own = {name: {**body.pop(models[name].__name__), "title": name, "examples": [example(name)]} for name in TYPES}
    return {**own, **body}


def model_of(outcome_type: OutcomeType) -> type[BaseModel]:
    fields: dict[str, Any] = {"type": (Literal[outcome_type.name], ...), "data": (outcome_type.data, ...)}
    name = f"{outcome_type.name.replace('.', '_')}_outcome"
    return create_model(name, __base__=CloudEvent, __doc__=outcome_type.meaning.en, **fields)

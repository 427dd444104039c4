"""The contract as JSON Schema, made from the models that read it: what it accepts, they accept."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal, cast

from pydantic import BaseModel, create_model
from pydantic.json_schema import models_json_schema

from worker.core.contract import data
from worker.core.contract.event_types import TYPES, VERSION, Envelope, EventType
from worker.core.contract.facts import Facts
from worker.core.texts.shortcodes import SHORTCODES

Json = dict[str, Any]
#: Draft 7 is what AsyncAPI 3 speaks too, so one schema serves both: https://json-schema.org/draft-07/schema
DRAFT = "http://json-schema.org/draft-07/schema#"
TITLE = "Events that the Perfectum SMS worker reads"


def json_schema(example: Callable[[str], Facts]) -> Json:
    return {
        "$schema": DRAFT,
        "title": TITLE,
        "version": VERSION,
        "oneOf": [{"$ref": f"#/definitions/{name}"} for name in TYPES],
        "definitions": definitions("#/definitions", example),
    }


def type_schema(name: str, example: Callable[[str], Facts]) -> Json:
    return own_schema(name, definitions("#/definitions", example))


def own_schema(name: str, everything: Json) -> Json:
    """The schema of one type, with no more definitions than it needs."""
    needed = reached(everything, name)
    own = everything[name]
    others = {other: everything[other] for other in sorted(needed) if other != name}
    return {"$schema": DRAFT, "version": VERSION, **own, "definitions": others}


@cache
def definitions(home: str, example: Callable[[str], Facts]) -> Json:
    models = {name: model_of(event_type) for name, event_type in TYPES.items()}
    _, made = models_json_schema([(model, "validation") for model in models.values()], ref_template=f"{home}/{{model}}")
    body = cast("Json", made["$defs"])
    # Only shortcodes read these.
    unchecked = [title for title in SECTIONS if title not in body]
    for name, event_type in TYPES.items():
        # pydantic takes what is before a dot for a module's name.
        body[name] = {**body.pop(models[name].__name__), "title": name, "examples": [example(name)]}
        properties = body[event_type.model.__name__]["properties"]
        for title in unchecked:
            properties.setdefault(SECTIONS[title], {"$ref": f"{home}/{title}"})
    for title, section in SECTIONS.items():
        with_shortcodes(body.setdefault(title, {"title": title, "type": "object"}), section)
    return {name: body[name] for name in (*TYPES, *sorted(body.keys() - TYPES.keys()))}


def model_of(event_type: EventType) -> type[BaseModel]:
    fields: dict[str, Any] = {"type": (Literal[event_type.name], ...), "data": (event_type.model, ...)}
    text = event_type.model.__doc__
    return create_model(f"{event_type.name.replace('.', '_')}_event", __base__=Envelope, __doc__=text, **fields)


SECTIONS: Mapping[str, str] = {
    title.__name__: name
    for name, section in data.SECTIONS.items()
    if name != "shortcodes"
    for title in (section, *section.__subclasses__())
}


def with_shortcodes(schema: Json, section: str) -> None:
    properties = cast("Json", schema.setdefault("properties", {}))
    for shortcode in SHORTCODES.values():
        for source in shortcode.sources:
            if source.section.name == section and not source.way:
                known = properties.setdefault(source.attribute.name, {})
                known.setdefault("description", f"{shortcode.label}: {{{shortcode.code}}}")


def reached(everything: Json, name: str) -> set[str]:
    names: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current not in names:
            names.add(current)
            waiting += (reference.rpartition("/")[2] for reference in references(everything[current]))
    return names


def references(schema: object) -> list[str]:
    if isinstance(schema, Mapping):
        body = cast("Json", schema)
        own = [body["$ref"]] if isinstance(body.get("$ref"), str) else []
        return own + [reference for value in body.values() for reference in references(value)]
    return (
        [reference for item in cast("list[object]", schema) for reference in references(item)]
        if isinstance(schema, list)
        else []
    )

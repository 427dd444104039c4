"""Whether a JSON Schema still accepts all that another accepts, as far as our contract's own keywords go.

A property that is new may have a type, though the older schema took anything under an unknown name.
"""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

SMALLEST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
LARGEST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
FIXED = ("pattern", "format", "multipleOf")
OTHERS = "additionalProperties"
BRANCHES = ("anyOf", "oneOf")
#: What no event is refused for.
PROSE = frozenset({"title", "description", "examples", "default", "$schema", "version", "definitions"})
#: No value of JSON.
NOTHING = object()
KNOWN = {
    OTHERS,
    *SMALLEST,
    *LARGEST,
    *FIXED,
    *BRANCHES,
    *PROSE,
    "type",
    "const",
    "enum",
    "required",
    "properties",
    "items",
}


def shrinks(before: Schema, after: Schema) -> list[str]:
    """Where the newer schema refuses what the older accepted, or lacks a name of it."""
    return list(narrower(before, after, "", (before, after)))


def narrower(old: Schema, new: Schema, path: str, roots: tuple[Schema, Schema]) -> Iterator[str]:
    old, new = resolved(old, roots[0]), resolved(new, roots[1])
    if unknown := new.keys() - KNOWN:
        yield f"{path}: {', '.join(sorted(unknown))} is no keyword that growth is judged by"
        return
    for keyword in BRANCHES:
        if keyword in old or keyword in new:
            olds, news = branches(old, keyword), branches(new, keyword)
            for number, schema in enumerate(olds):
                if all(any(narrower(schema, other, path, roots)) for other in news):
                    yield f"{path}: {keyword} {number} fits nothing any more"
            return
    yield from plain(old, new, path)
    yield from inner(old, new, path, roots)


def plain(old: Schema, new: Schema, path: str) -> Iterator[str]:
    """Differences that show without looking inside."""
    rows = [
        ("type", "type" in new and not types(old) <= types(new)),
        ("enum", values(new) is not None and not (values(old) or {NOTHING}) <= (values(new) or set())),
        *((keyword, keyword in new and new[keyword] != old.get(keyword)) for keyword in FIXED),
        *((keyword, keyword in new and new[keyword] > old.get(keyword, float("-inf"))) for keyword in SMALLEST),
        *((keyword, keyword in new and new[keyword] < old.get(keyword, float("inf"))) for keyword in LARGEST),
        ("required", not set(new.get("required", [])) <= set(old.get("required", []))),
    ]
    yield from (f"{path}: {keyword}" for keyword, is_narrower in rows if is_narrower)


def inner(old: Schema, new: Schema, path: str, roots: tuple[Schema, Schema]) -> Iterator[str]:
    """Properties and items."""
    for name, schema in old.get("properties", {}).items():
        if name in new.get("properties", {}):
            yield from narrower(schema, new["properties"][name], f"{path}.{name}", roots)
        else:
            yield f"{path}.{name}: is gone"
    if isinstance(old.get(OTHERS), dict) and isinstance(new.get(OTHERS), dict):
        yield from narrower(old[OTHERS], new[OTHERS], f"{path}.*", roots)
    elif OTHERS in new and new[OTHERS] != old.get(OTHERS):
        yield f"{path}: {OTHERS}"
    if "items" in new:
        yield from narrower(old.get("items", {}), new["items"], f"{path}[]", roots)


def resolved(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
    return schema


def branches(schema: Schema, keyword: str) -> list[Schema]:
    """The schema once for each branch, with its fields beside them; conditions on properties are branches too."""
    beside = {name: value for name, value in schema.items() if name != keyword}
    return [merged(beside, branch) for branch in schema.get(keyword, [{}])]


def merged(schema: Schema, other: Schema) -> Schema:
    properties = {**schema.get("properties", {}), **other.get("properties", {})}
    required = [*schema.get("required", []), *other.get("required", [])]
    both = {**schema, **other}
    return both | ({"properties": properties} if properties else {}) | ({"required": required} if required else {})


def types(schema: Schema) -> set[str]:
    """The types a schema takes; `number` holds `integer`."""
    if "const" in schema or "enum" in schema:
        return {name for value in values(schema) or () for name in [NAMES[type(value)]]}
    value = schema.get("type", list(NAMES.values()))
    named = {value} if isinstance(value, str) else set(value)
    return named | {"integer"} if "number" in named else named


NAMES = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
    dict: "object",
    list: "array",
}


def values(schema: Schema) -> set[Any] | None:
    """The values a schema takes, if it lists them."""
    return {schema["const"]} if "const" in schema else set(schema["enum"]) if "enum" in schema else None

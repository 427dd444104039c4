"""JSON that speaks of people: what of it is a person's, and what is left once they are forgotten."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from worker.core.contract.facts import as_facts
from worker.core.privacy.person import NAMES, PHONES, Traces, words_of

#: What remains of a section that is a person's: ids and versions, by which records stay in order.
KEPT = frozenset({"id", "kind", "version", "status", "change_id"})
#: What else of a record is a person's, if its phone is.
PERSONAL = frozenset({*NAMES, *PHONES, "proposal_to", "address", "birthday", "title", "extra_contacts"})
#: Sections that are people.
PEOPLE = frozenset({"contact", "lead", "staff", "recipients"})
#: Kinds of people that have an id of their own; what a booking or an order carries is a phone.
WITH_IDS = PEOPLE - {"recipients"}

Section = Mapping[str, Any]


def speaks_of(document: object, account: str, traces: Traces, kind: str = "") -> bool:
    """Whether a document has one of the phones anywhere, or a section that is the person's.

    `kind` is what the document itself is, where it is a record.
    """
    if any(traces.has_digits(text) for text in texts(document)):
        return True
    return any(is_theirs(section, name, account, traces) for name, section in sections(document, kind))


def traces_in(document: object, account: str, traces: Traces, kind: str = "") -> Traces:
    """What a document says of the person: their ids and names."""
    matches = Traces(traces.phones)
    for name, section in sections(document, kind):
        if is_theirs(section, name, account, traces):
            who = str(section.get("kind") or name)
            has_id = who in WITH_IDS and section.get("id") is not None
            ids = frozenset({(account, who, str(section["id"]))} if has_id else ())
            matches |= Traces(traces.phones, ids, words_of(section))
    return matches | Traces(traces.phones, records=records_in(document, account, traces))


def records_in(document: object, account: str, traces: Traces) -> frozenset[tuple[str, str, str]]:
    """The records that a document tells the person about."""
    whole = as_facts(document)
    data = as_facts(whole.get("data", whole))
    recipients = data.get("recipients")
    listed = cast("list[object]", recipients) if isinstance(recipients, list) else []
    if not any(theirs(item, "recipients", account, traces) for item in listed):
        return frozenset()
    ids = {name: as_facts(section).get("id") for name, section in data.items() if name not in PEOPLE}
    return frozenset((account, name, str(id_)) for name, id_ in ids.items() if id_ is not None)


def own_sections(document: object, account: str, traces: Traces, kind: str = "") -> list[dict[str, Any]]:
    """The parts of a document that are the person's own, each with its name."""
    matches = [(name, section) for name, section in sections(document, kind)]
    return [{"section": name, **section} for name, section in matches if is_theirs(section, name, account, traces)]


def is_theirs(section: Section, name: str, account: str, traces: Traces) -> bool:
    kind = str(section.get("kind") or name)
    return traces.has_phone(section) or (name in PEOPLE and traces.has_person(account, kind, section.get("id")))


def anonymous(document: Any, account: str, traces: Traces, kind: str = "") -> Any:  # noqa: ANN401 (any JSON)
    """The document without the person: they are no recipient, and nothing in it names them or has their phone."""
    match document:
        case dict():
            return without(cast("dict[str, Any]", document), kind, account, traces)
        case list():
            items = cast("list[Any]", document)
            left = [item for item in items if not (kind == "recipients" and theirs(item, kind, account, traces))]
            return [anonymous(item, account, traces, kind) for item in left]
        case str():
            return "" if traces.in_text(document) else document
        case int() | float() if not isinstance(document, bool):
            return "" if traces.has_digits(str(document)) else document
        case _:
            return document


def theirs(item: object, name: str, account: str, traces: Traces) -> bool:
    return isinstance(item, dict) and is_theirs(cast("Section", item), name, account, traces)


def without(section: dict[str, Any], name: str, account: str, traces: Traces) -> dict[str, Any]:
    if is_theirs(section, name, account, traces):
        if name in PEOPLE:
            section = {field: value for field, value in section.items() if field in KEPT}
        section = {field: value for field, value in section.items() if field not in PERSONAL}
    return {field: anonymous(value, account, traces, field) for field, value in section.items()}


def sections(value: object, name: str) -> Iterator[tuple[str, Section]]:
    """Every object in a document, with the name it has there; what a list holds has the list's."""
    if isinstance(value, dict):
        section = cast("dict[str, Any]", value)
        yield name, section
        for field, item in section.items():
            yield from sections(item, field)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from sections(item, name)


def texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for item in cast("dict[str, object]", value).values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from texts(item)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)

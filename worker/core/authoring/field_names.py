"""The names of an event's fields that rules or shortcodes read, and names that are probably misspelt."""

import difflib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import cast, get_args

from pydantic import BaseModel

from worker.core.contract.attributes import model_of as checked
from worker.core.contract.data import Body
from worker.core.contract.event_types import TYPES, Envelope
from worker.core.contract.facts import Facts, as_facts, as_text
from worker.core.texts.shortcodes import SHORTCODES
from worker.language import _

ALIKE = 0.75


def nearest(name: str, known: Iterable[str], *, alike: float = 0.6) -> str | None:
    results = difflib.get_close_matches(name.lower(), known, n=1, cutoff=alike)
    return results[0] if results else None


ALIASES: Mapping[str, str] = {
    **dict.fromkeys(("phone", "tel", "telephone", "mobile", "mobilephone", "cell", "msisdn"), "phonenumber"),
    **dict.fromkeys(("givenname", "fname"), "firstname"),
    **dict.fromkeys(("surname", "familyname", "lname"), "lastname"),
    **dict.fromkeys(("lang", "language"), "locale"),
    **dict.fromkeys(("tz", "zone"), "timezone"),
    **dict.fromkeys(("dob", "birthdate", "dateofbirth", "birth"), "birthday"),
    **dict.fromkeys(("starttime", "startat", "startsat", "startdate", "begin"), "start"),
    **dict.fromkeys(("endtime", "endat", "endsat", "finish"), "end"),
    **dict.fromkeys(("deadline", "due", "dueat"), "duedate"),
    **dict.fromkeys(("sum", "grandtotal"), "total"),
    **dict.fromkeys(("balance", "amountdue", "debt", "left"), "amount_due"),
    **dict.fromkeys(("no", "nr", "num"), "number"),
    **dict.fromkeys(("state",), "status"),
    **dict.fromkeys(("rev", "revision"), "version"),
    **dict.fromkeys(("type",), "kind"),
    **dict.fromkeys(("agreed", "optin", "gdpr"), "consent"),
    **dict.fromkeys(("message", "body", "msg", "sms"), "text"),
    **dict.fromkeys(("receivers", "to", "people", "contacts"), "recipients"),
    **dict.fromkeys(("customer", "organization", "organisation"), "client"),
    **dict.fromkeys(("companyname", "customername"), "company"),
}


def folded(name: str) -> str:
    """A name without what programmers differ in: `first_name`, `firstName` and `First-Name` are one."""
    return re.sub(r"[\W_]+", "", name).casefold()


def meant(name: str, known: Collection[str]) -> str | None:
    same = folded(name)
    spelt = next((name for name in known if folded(name) == same), None)
    alias = ALIASES.get(same)
    return spelt or (alias if alias in known else None) or nearest(name, known, alike=ALIKE)


def by_section() -> Mapping[str, frozenset[str]]:
    names_of: dict[str, set[str]] = defaultdict(set)
    for shortcode in SHORTCODES.values():
        for source in shortcode.sources:
            names_of[source.names[0]].add(source.names[1])
    return {section: frozenset(names) for section, names in names_of.items()}


READ = by_section()
COMPANY = "company"
NAMELESS: frozenset[str] = frozenset()


def strangers(envelope: Facts) -> Iterator[tuple[str, str, str]]:
    """Fields that nothing reads and that look like one that something reads: field, problem, fix."""
    yield from misspelt("", envelope, Envelope.model_fields)
    event_type = TYPES.get(as_text(envelope.get("type")))
    model = event_type.model if event_type else checked(Body)
    data = as_facts(envelope.get("data"))
    yield from misspelt("data.", data, {*model.model_fields, *READ})
    for name, value in data.items():
        if name == "shortcodes":
            continue
        if name == "recipients" and not as_facts(data.get("client")).get("company"):
            yield from companies(value)
        for prefix, facts in items(f"data.{name}.", value):
            section = as_text(facts.get("kind")) if name == "recipients" else name
            yield from inside(
                prefix, facts, model_of(model, name), READ.get(name, frozenset()) | READ.get(section, NAMELESS)
            )


def companies(recipients: object) -> Iterator[tuple[str, str, str]]:
    for prefix, person in items("data.recipients.", recipients):
        for name in person:
            is_company = COMPANY in {folded(name), ALIASES.get(folded(name))}
            if is_company and COMPANY not in READ.get(as_text(person.get("kind")), NAMELESS):
                yield (
                    f"{prefix}{name}",
                    _("is kept, but nothing reads it"),
                    _("did you mean {near}?", near="data.client.company"),
                )


def items(prefix: str, value: object) -> Iterator[tuple[str, Facts]]:
    """A section, or each item of a list, with the path of its fields; PHP's lists may have gaps."""
    is_list = isinstance(value, list)
    numbered = (
        {str(name): item for name, item in enumerate(cast("list[object]", value))} if is_list else as_facts(value)
    )
    if is_list or (numbered and all(map(str.isdecimal, numbered))):
        yield from ((f"{prefix}{name}.", as_facts(item)) for name, item in numbered.items())
    else:
        yield prefix, as_facts(value)


def inside(
    prefix: str, facts: Facts, model: type[BaseModel] | None, read: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    yield from misspelt(prefix, facts, {*(model.model_fields if model else ()), *read})
    for name, value in facts.items():
        deeper = model_of(model, name) if model else None
        if deeper and isinstance(value, dict):
            yield from inside(f"{prefix}{name}.", as_facts(cast("object", value)), deeper, NAMELESS)


def misspelt(prefix: str, facts: Facts, known: Collection[str]) -> Iterator[tuple[str, str, str]]:
    for name in facts:
        right = None if name in known else meant(name, known)
        if right is not None and right not in facts:
            yield f"{prefix}{name}", _("is kept, but nothing reads it"), _("did you mean {near}?", near=right)


def model_of(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    field = model.model_fields.get(name)
    waiting: list[object] = [field.annotation] if field else []
    while waiting:
        value = waiting.pop()
        if isinstance(value, type) and issubclass(value, BaseModel):
            return value
        waiting += get_args(value)
    return None

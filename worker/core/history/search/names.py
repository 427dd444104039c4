"""Who an event's recipients are by name, as it wrote them, for people to read and to search."""

from collections.abc import Iterator, Mapping
from typing import cast

from worker.core.contract.event import Malformed, decode
from worker.core.contract.facts import Facts, as_facts, as_text

PersonId = tuple[str, str]
#: Records that carry the phone of somebody.
ADDRESSED = ("order", "booking", "proposal")
#: Where a name stands that is written as one.
WHOLE = ("name", "client_name", "proposal_to")


def names(body: bytes) -> Mapping[PersonId, str]:
    """Names by kind and id of an event's people, with their company where it is known: `Олена Коваль, ТОВ «Мрія»`.

    What an event may have wrong is done without.
    """
    decoded = decode(body)
    data = as_facts(None if isinstance(decoded, Malformed) else as_facts(decoded).get("data"))
    return {key: name for key, facts in people(data) if (name := named(key, facts, data))}


def people(data: Facts) -> Iterator[tuple[PersonId, Facts]]:
    for kind in ADDRESSED:
        if record := as_facts(data.get(kind)):
            yield (kind, as_text(record.get("id"))), record
    recipients = data.get("recipients")
    for person in map(as_facts, cast("list[object]", recipients) if isinstance(recipients, list) else []):
        kind, number = as_text(person.get("kind")), as_text(person.get("id"))
        section = as_facts(data.get(kind))
        yield (kind, number), {**section, **person} if as_text(section.get("id")) == number else person


def named(person: PersonId, facts: Facts, data: Facts) -> str:
    parts = " ".join(filter(None, (text_of(facts, "firstname"), text_of(facts, "lastname"))))
    whole = parts or next(filter(None, (text_of(facts, name) for name in WHOLE)), "")
    of_client = "" if person[0] == "staff" else text_of(as_facts(data.get("client")), "company")
    return ", ".join(dict.fromkeys(filter(None, (whole, text_of(facts, "company") or of_client))))


def text_of(facts: Facts, name: str) -> str:
    return as_text(facts.get(name)).strip()

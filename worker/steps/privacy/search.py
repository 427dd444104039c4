"""Everything that speaks of a person, found and written again without them; a crash leaves nothing half written."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from worker.core.contract.facts import as_facts
from worker.core.privacy.document import anonymous, speaks_of, traces_in
from worker.core.privacy.person import Traces, needles_of, pattern_of, plain_pattern_of
from worker.store.db.postgres import Connection
from worker.store.privacy import documents, erasures, letters
from worker.store.privacy.documents import EVENTS, SOURCES, Document, Rewritten, Sought
from worker.store.privacy.letters import Letter


@dataclass
class Rewriting:
    """What a search changed: rows by table, and the events that spoke of the person."""

    counts: Counter[str] = field(default_factory=Counter[str])
    events: set[int] = field(default_factory=set[int])


def json_of(content: bytes | None) -> Any:  # noqa: ANN401 (any JSON)
    """None for what is none."""
    try:
        return orjson.loads(content or b"")
    except orjson.JSONDecodeError:
        return None


def by_phone(account: str | None, traces: Traces) -> Sought:
    return Sought(account, pattern_of(sorted(traces.phones)))


def by_words(account: str | None, traces: Traces) -> Sought:
    return Sought(account, pattern_of(sorted(traces.phones)), needles_of(traces.words))


def learned(connection: Connection, account: str | None, traces: Traces) -> Traces:
    """The traces, with what documents say of the person: their ids and names."""
    for source in SOURCES:
        for document in documents.find(connection, source, by_phone(account, traces)):
            traces |= traces_in(json_of(document.content), document.account, traces, document.kind)
    return traces | known_by_id(connection, traces)


def known_by_id(connection: Connection, traces: Traces) -> Traces:
    """What the people's own records and entries of the calendar say, whatever phone they have."""
    known = Traces(traces.phones)
    for document in documents.of_ids(connection, traces.people):
        known |= traces_in(json_of(document.content), document.account, traces, document.kind)
    return known


def rewrite(connection: Connection, number: int, account: str | None, traces: Traces, *, now: datetime) -> Rewriting:
    """Write every document again that speaks of the person, each in a transaction of its own.

    The erasure of this number remembers the events: whoever goes on after a crash cannot see whom they spoke of.
    """
    rewriting, plain = Rewriting(), plain_pattern_of(sorted(traces.phones))
    for document in speaking(connection, account, traces):
        after = rewritten(document, traces)
        if after is None:
            continue
        with connection.transaction():
            if documents.write(connection, after, plain=plain, now=now):
                note_rewritten(connection, number, rewriting, document)
    for letter in letters.find(connection, by_words(account, traces)):
        rewriting.counts["dead_letters"] += rewrite_letter(connection, letter, traces, now=now)
    return rewriting


def speaking(connection: Connection, account: str | None, traces: Traces) -> Iterator[Document]:
    """Yield the documents with a word of the person, then those of their ids; each is read after the last was used."""
    for source in SOURCES:
        yield from documents.find(connection, source, by_words(account, traces))
    yield from documents.of_ids(connection, traces.people | traces.records)


def note_rewritten(connection: Connection, number: int, rewriting: Rewriting, document: Document) -> None:
    rewriting.counts[document.source.table.name] += 1
    if document.source is EVENTS:
        rewriting.events.add(document.key[1])
        erasures.remember_event(connection, number, document.key[1])


def rewritten(document: Document, traces: Traces) -> Rewritten | None:
    """A document without the person; None where it does not speak of them."""
    value = json_of(document.content)
    is_own = value is not None and traces.has_person(document.account, document.kind, document.record_id)
    is_about = (document.account, document.kind, document.record_id) in traces.records
    if not (is_own or is_about or speaks_of(value, document.account, traces, document.kind)):
        return None
    after = anonymous(value, document.account, traces, document.kind)
    if after == value and not is_own:
        return None
    return Rewritten(document, orjson.dumps(after), is_own, is_alone(after))


def is_alone(value: object) -> bool:
    """Whether nobody is left whom a document tells anything."""
    section = as_facts(value)
    return not as_facts(section.get("data", section)).get("recipients")


def rewrite_letter(connection: Connection, letter: Letter, traces: Traces, *, now: datetime) -> bool:
    """Take the person out of a letter that others are waiting for too; forget any other that speaks of them."""
    values = [json_of(body) for body in letter.bodies]
    speaks = any(speaks_of(value, letter.account, traces) for value in values)
    if all(map(as_facts, values)) and not speaks and not any(map(traces.has_digits, letter.texts.values())):
        return False
    after = anonymous(values[-1], letter.account, traces)
    emptied = [name for name, text in letter.texts.items() if traces.in_text(text)]
    with connection.transaction():
        if not all(map(as_facts, values)) or (speaks and is_alone(after)):
            letters.forget(connection, letter.id, now=now)
        else:
            letters.rewrite(connection, letter.id, orjson.dumps(after), emptied=emptied)
    return True

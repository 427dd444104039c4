"""What is kept of a person, for them to read: their texts, and of each document what speaks of them alone."""

from collections.abc import Iterator
from typing import Any

from worker.core.audit.action import person_of
from worker.core.privacy.document import own_sections, speaks_of
from worker.core.privacy.person import Traces, plain_pattern_of
from worker.core.triggers.recipients import key_of
from worker.steps.privacy.search import by_words, json_of, learned
from worker.store.audit.audit import note
from worker.store.db.postgres import Connection, clock
from worker.store.privacy import documents, holdings, letters, rows
from worker.store.privacy.documents import CALENDAR, EVENTS, OCCURRENCES, RECORDS, Document, Source
from worker.store.privacy.rows import About, Person

Export = dict[str, Any]
#: What each table is called there.
NAMES: tuple[tuple[Source, str], ...] = (
    (EVENTS, "events"),
    (RECORDS, "records"),
    (CALENDAR, "calendar"),
    (OCCURRENCES, "reminders"),
)


def export(connection: Connection, phone: str, account: str | None, *, salt: bytes, by: str) -> Export:
    """Gather all of it, and note who asked."""
    now, key = clock(connection), key_of(phone, salt=salt)
    traces = learned(connection, account, Traces(frozenset({phone})))
    person = Person(account, [key], [phone], traces.people)
    plain = plain_pattern_of([phone])
    speaking = rows.speaking(connection, person, About(), plain=plain, until=now)
    own = [text.notification_id for text in speaking if text.is_own and not text.is_cleared]
    parts = {name: [*parts_of(connection, source, account, traces)] for source, name in NAMES}
    whole = {
        "phone": phone,
        "at": now,
        "people": sorted(map(list, traces.people)),
        "texts": holdings.texts(connection, own),
        **parts,
        "dead_letters": [*letters_of(connection, account, traces)],
        "consents": holdings.consents(connection, traces.people),
        "stop_list": holdings.stops(connection, account, key),
    }
    counts = {name: len(items) for name, items in whole.items() if isinstance(items, list)}
    note(connection, by, "privacy_export", person_of(key), account=account, after=counts, now=now)
    return whole


def parts_of(connection: Connection, source: Source, account: str | None, traces: Traces) -> Iterator[Export]:
    matches = [*documents.find(connection, source, by_words(account, traces))]
    matches += [item for item in documents.of_ids(connection, traces.people) if item.source is source]
    for document in {item.key: item for item in matches}.values():
        value = json_of(document.content)
        if speaks_of(value, document.account, traces, document.kind):
            content = own_sections(value, document.account, traces, document.kind)
            yield {**described(connection, document), "content": content}


def described(connection: Connection, document: Document) -> Export:
    if document.source is EVENTS:
        [event] = holdings.event(connection, document.key) or [{}]
        return {**event}
    return {"account": document.account, "key": [*map(str, document.key)]}


def letters_of(connection: Connection, account: str | None, traces: Traces) -> Iterator[Export]:
    for letter in letters.find(connection, by_words(account, traces)):
        values = [value for body in letter.bodies if (value := json_of(body)) is not None]
        if not values:
            yield {"account": letter.account, "id": letter.id, "content": "a body that cannot be read"}
        elif any(speaks_of(value, letter.account, traces) for value in values):
            content = [part for value in values for part in own_sections(value, letter.account, traces)]
            yield {"account": letter.account, "id": letter.id, "content": content}

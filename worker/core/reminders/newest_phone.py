"""The current phone: people's own records win where they are newer than the event that named them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from worker.core.contract import data
from worker.core.contract.phone import normalise
from worker.core.reminders.calendar_entry import Entry

PersonId = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Person:
    phone: str | None
    is_deleted: bool
    changed_at: datetime

    @property
    def usable_phone(self) -> str | None:
        phone = normalise(self.phone or "")
        return phone if isinstance(phone, str) else None


def named_in(entries: Iterable[Entry]) -> set[PersonId]:
    return {who(entry, person) for entry in entries for person in entry.data.recipients}


def who(entry: Entry, person: data.Person) -> PersonId:
    return entry.account, person.kind, person.id


def with_newest(entry: Entry, known: Mapping[PersonId, Person]) -> Entry:
    """The entry with each person's phone of now, and without those whose record was deleted since they were named."""
    if not entry.data.recipients:
        return entry
    return replace(entry, data=entry.data.having(recipients=[person.json for person in newest(entry, known)]))


def newest(entry: Entry, known: Mapping[PersonId, Person]) -> Iterator[data.Person]:
    for person in entry.data.recipients:
        plain = person.without(data.Person.known_at)
        now = known.get(who(entry, person))
        if now is None or now.changed_at <= (person.known_at or entry.changed_at):
            yield plain
        elif not now.is_deleted:
            yield plain.having(phonenumber=now.phone) if now.usable_phone else plain

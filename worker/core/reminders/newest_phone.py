"""The phone of now: what people's own records say of them counts, where it is newer than the event that named them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from worker.core.contract.facts import Facts, word
from worker.core.contract.phone import normalise
from worker.core.reminders.calendar_entry import KNOWN_AT, Entry
from worker.core.triggers.recipients import people

#: An account, and the kind and the id of somebody in its CRM.
Who = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Person:
    """The newest record of a person."""

    phone: str | None
    is_deleted: bool
    changed_at: datetime

    @property
    def usable_phone(self) -> str | None:
        """Their phone in E.164 form; None where there is none that can be used, so that the one before stays."""
        found = normalise(self.phone or "")
        return found if isinstance(found, str) else None


def named_in(entries: Iterable[Entry]) -> set[Who]:
    """Everybody who may hear of these entries."""
    return {who(entry, person) for entry in entries for person in people(entry.data)}


def who(entry: Entry, person: Facts) -> Who:
    """A recipient of an entry, as their own record is found."""
    return entry.account, word(person.get("kind")), word(person.get("id"))


def with_newest(entry: Entry, known: Mapping[Who, Person]) -> Entry:
    """The entry with each person's phone of now, and without those whose record was deleted since they were named."""
    if not people(entry.data):
        return entry
    return replace(entry, data={**entry.data, "recipients": list(newest(entry, known))})


def newest(entry: Entry, known: Mapping[Who, Person]) -> Iterator[Facts]:
    """The people of an entry as they are now."""
    for person in people(entry.data):
        named_at = word(person.get(KNOWN_AT))
        told: dict[str, Any] = {name: value for name, value in person.items() if name != KNOWN_AT}
        now = known.get(who(entry, person))
        if now is None or now.changed_at <= (datetime.fromisoformat(named_at) if named_at else entry.changed_at):
            yield cast("Facts", told)
        elif not now.is_deleted:
            yield {**told, "phonenumber": now.phone} if now.usable_phone else told

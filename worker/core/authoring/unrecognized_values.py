"""Values of an accepted event that no rule can read: for counters, and for the check of events."""

from collections.abc import Iterator
from dataclasses import dataclass

from worker.core.contract.data import Contact
from worker.core.contract.event import Event
from worker.core.contract.event_types import TYPES
from worker.core.contract.facts import code
from worker.core.contract.readers import is_nobodys
from worker.core.contract.record_statuses import is_unknown

SHOWN = 40
BIRTHDAY = "contact.birthday"


@dataclass(frozen=True, slots=True)
class Misread:
    """A field that no rule can read, by its path in `data` without indices.

    `value` is given only of a status or a birthday: others may be personal.
    """

    field: str
    value: str = ""

    @property
    def section(self) -> str:
        return self.field.partition(".")[0]

    @property
    def is_status(self) -> bool:
        return self.field.endswith(".status") and bool(self.value)


def misread(event: Event) -> Iterator[Misread]:
    fields = (plain(fault.field) for fault in event.given_up)
    yield from map(Misread, dict.fromkeys(fields))
    event_type = TYPES[event.type]
    record_kind = event_type.record_kind_of(event.data) or ""
    record = event.data.record(record_kind)
    if event_type.status is None and not event_type.is_deletion and is_unknown(record_kind, record.status):
        yield Misread(f"{record_kind}.status", record.status[:SHOWN])
    if record_kind == "contact" and is_nobodys(birthday := Contact.birthday.written(record)):
        yield Misread(BIRTHDAY, code(birthday))


def plain(path: str) -> str:
    names = [name for name in path.split(".")[1:] if not name.isdecimal()]
    return ".".join(names[:1] if names[:1] == ["shortcodes"] else names)

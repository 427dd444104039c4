"""Consent to advertising: the newest statement of the CRM counts, in whatever order events come."""

from collections.abc import Iterable
from dataclasses import dataclass

from worker.core.contract.event import Event
from worker.core.contract.event_types import TYPES
from worker.core.triggers.match import RecordRef, record_of

CONTACT = "contact"
NO_CONSENT = "no_consent"
STATED, RECORDED = "in_event", "recorded"


@dataclass(frozen=True, slots=True)
class Statement:
    """A person's consent as an event has it; `given` is None once the person is deleted. `event_id` is the proof."""

    account: str
    person: RecordRef
    given: bool | None
    event_id: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        return self.account, self.person.record_kind, self.person.id


def statement_of(event: Event) -> Statement | None:
    event_type = TYPES[event.type]
    if event_type.record != CONTACT:
        return None
    given = None if event_type.is_deletion else event.data.contact.consent
    if given is None and not event_type.is_deletion:
        return None
    return Statement(event.account, record_of(event), given, event.id)


def newest(statements: Iterable[Statement]) -> dict[tuple[str, str, str], Statement]:
    by_person: dict[tuple[str, str, str], Statement] = {}
    for statement in statements:
        known = by_person.get(statement.identity)
        if known is None or statement.person.is_newer_than(known.person):
            by_person[statement.identity] = statement
    return by_person


def consent(given: bool | None, at: RecordRef, recorded: Statement | None) -> str | None:  # noqa: FBT001 (what was stated)
    """By which consent advertising goes to a person: STATED or RECORDED; None: there is none, or it was taken back.

    What the event itself states counts, unless a newer one withdrew it. `at` is the state that the event is about.
    """
    if given is None:
        return RECORDED if recorded and recorded.given else None
    is_taken_back = recorded is not None and not recorded.given and recorded.person.is_newer_than(at)
    return STATED if given and not is_taken_back else None

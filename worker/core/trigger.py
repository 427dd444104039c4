"""Which switched-on triggers an event sets off, and which facts make one untrue later."""

from __future__ import annotations

from collections.abc import Iterator

from worker.core.account import Account
from worker.core.catalogue import BY_EVENT, Trigger
from worker.core.event import Event
from worker.core.facts import Facts, at, word


def matching(event: Event, account: Account) -> Iterator[Trigger]:
    """The account's switched-on triggers that this event meets."""
    for trigger in BY_EVENT[event.type]:
        if trigger.id in account.switches and meets(trigger, event.facts):
            yield trigger


def meets(trigger: Trigger, facts: Facts) -> bool:
    """Whether the trigger's condition holds."""
    if trigger.when is None:
        return True
    path, value = trigger.when
    return at(facts, path) == value


def objection(trigger: Trigger, record: Facts, *, deleted: bool) -> str | None:
    """Why the record's newest facts forbid this text, or None."""
    if deleted:
        return "record_deleted"
    for unless in trigger.unless:
        if word(record.get(unless.field)) in unless.values:
            return unless.reason
    return None

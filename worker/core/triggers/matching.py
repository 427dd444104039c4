"""Which switched-on triggers an event sets off, and which facts make one untrue later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from worker.core.accounts.account import SENT, Account
from worker.core.contract.event import Event
from worker.core.contract.facts import Facts, at, code, section
from worker.core.contract.record_statuses import folded
from worker.core.triggers.catalogue import BY_EVENT
from worker.core.triggers.derived_fields import is_nothing
from worker.core.triggers.trigger import Trigger

#: Why a text that asks for money is not sent.
NOTHING_DUE = "nothing_due"


def matching(event: Event, account: Account) -> Iterator[Trigger]:
    """The account's switched-on triggers that this event meets."""
    for trigger in BY_EVENT[event.type]:
        switch = account.switches.get(trigger.id)
        if switch is not None and meets(trigger, event.facts, sent=switch.sent):
            yield trigger


def is_wanted(event: Event) -> bool:
    """Whether any trigger of the catalogue speaks of such an event, on or off."""
    return any(meets(trigger, event.facts) for trigger in BY_EVENT[event.type])


def meets(trigger: Trigger, facts: Facts, *, sent: Mapping[str, frozenset[str]] = SENT) -> bool:
    """Whether the trigger's condition holds; `sent` has the status codes that mean sent, by kind of record."""
    if trigger.becomes == "sent":
        return became(facts, sent)
    if trigger.when is None:
        return True
    path, value = trigger.when
    return at(facts, path) == value


def became(facts: Facts, codes: Mapping[str, frozenset[str]]) -> bool:
    """Whether the position has one of these codes now, and had none of them before."""
    position = section(facts, "position")
    meant = codes.get(code(position.get("entity_type")), frozenset())
    before, after = (code(position.get(name)).casefold() for name in ("status_from", "status_to"))
    return after in meant and before not in meant


def objection(trigger: Trigger, record: Facts, *, deleted: bool) -> str | None:
    """Why the record's newest facts forbid this text, or None."""
    if deleted:
        return "record_deleted"
    for unless in trigger.unless:
        if folded(record.get(unless.field)) in unless.values:
            return unless.reason
    asked = next((record[name] for name in trigger.asks_for if record.get(name) is not None), None)
    return NOTHING_DUE if is_nothing(asked) else None

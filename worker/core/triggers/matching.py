"""Which switched-on triggers an event sets off, and which facts make one untrue later."""

from collections.abc import Iterator, Mapping

from worker.core.accounts.account import SENT, Account
from worker.core.contract.data import Data, Position, Record
from worker.core.contract.event import Event
from worker.core.contract.record_statuses import folded
from worker.core.triggers.catalogue import BY_EVENT
from worker.core.triggers.trigger import Trigger

#: Why a text that asks for money is not sent.
NOTHING_DUE = "nothing_due"


def matching(event: Event, account: Account) -> Iterator[Trigger]:
    for trigger in BY_EVENT[event.type]:
        switch = account.switches.get(trigger.id)
        if switch is not None and meets(trigger, event.data, sent=switch.sent):
            yield trigger


def is_wanted(event: Event) -> bool:
    return any(meets(trigger, event.data) for trigger in BY_EVENT[event.type])


def meets(trigger: Trigger, data: Data, *, sent: Mapping[str, frozenset[str]] = SENT) -> bool:
    """Whether the trigger's condition holds; `sent` has the status codes that mean sent, by kind of record."""
    if trigger.becomes == "sent":
        return became(data.position, sent)
    return trigger.commented_by in {None, data.comment.author}


def became(position: Position, codes: Mapping[str, frozenset[str]]) -> bool:
    meant = codes.get(position.entity_type, frozenset())
    return position.status_to.casefold() in meant and position.status_from.casefold() not in meant


def objection(trigger: Trigger, record: Record, *, deleted: bool) -> str | None:
    if deleted:
        return "record_deleted"
    for unless in trigger.unless:
        if folded(unless.field.written(record)) in unless.values:
            return unless.reason
    asked = next((money for field in trigger.asks_for if (money := field.of(record)) is not None), None)
    return NOTHING_DUE if asked and asked.is_nothing else None

"""What a rule of the clock has to tell of a record at a moment: the exact event, how urgent, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from worker.core.accounts.account import Account
from worker.core.contract.event import Event
from worker.core.contract.facts import NOTHING, Facts
from worker.core.reminders.calendar_entry import Entry
from worker.core.reminders.occurrence import event_of
from worker.core.reminders.schedule import Due, Rule
from worker.core.triggers.catalogue import BY_ID
from worker.core.triggers.match import expiry
from worker.core.triggers.matching import matching
from worker.core.triggers.trigger import Trigger

#: What is urgent is published first.
RANKS = ("urgent", "normal", "bulk")


@dataclass(frozen=True, slots=True)
class Emission:
    """What a rule has to tell at one moment.

    Attributes:
        worth_until: after this moment nobody would be told of it any more.
        rank: what is urgent is published first: 0, 1, 2.
        reason: why it is missed, or None.
    """

    due: Due
    event_id: str
    routing_key: str
    body: bytes
    worth_until: datetime
    rank: int
    reason: str | None = None

    @property
    def state(self) -> str:
        """`pending` or `missed`."""
        return "missed" if self.reason else "pending"


def emitted(rule: Rule, entry: Entry, due: Due, facts: Facts, account: Account) -> Emission | None:
    """What a rule tells of an entry at a moment; None where no trigger that is switched on would speak of it."""
    routing_key, event_id, body = event_of(entry, rule, due, facts, account=account)
    event = event_read(account.id, routing_key, event_id, body, due.at)
    triggers = tuple(matching(event, account))
    if not triggers:
        return None
    worth_until = max(expiry(event, trigger, account) for trigger in triggers)
    return Emission(due, event_id, routing_key, body, worth_until, rank_of(triggers))


def worthless_after(rule: Rule, entry: Entry, due: Due, account: Account) -> datetime:
    """After this moment a rule's own trigger would tell nobody of a due moment, whether it has a text yet or not."""
    routing_key, event_id, body = event_of(entry, rule, due, NOTHING, account=account)
    return expiry(event_read(account.id, routing_key, event_id, body, due.at), BY_ID[rule.trigger], account)


def rank_of(triggers: Sequence[Trigger]) -> int:
    """How urgent what these tell is."""
    return min(RANKS.index(trigger.lane) for trigger in triggers)


def event_read(account: str, routing_key: str, event_id: str, body: bytes, at: datetime) -> Event:
    """An event of our own as the rules see it: its bytes need no checking."""
    event_type = routing_key.removeprefix(f"{account}.")
    return Event(account, event_id, event_type, at, orjson.loads(body)["data"], routing_key, body, b"", b"")

"""Which texts an entry of the calendar would cause between two moments, by the functions that cause them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from worker.core.accounts.account import Account
from worker.core.accounts.price import Prices
from worker.core.contract.data import Record
from worker.core.contract.event import Malformed, read
from worker.core.planning.draft import Draft, drafts
from worker.core.reminders.calendar_entry import Entry
from worker.core.reminders.reminder_event import Emission, emitted
from worker.core.reminders.reminder_time import TICK, next_reminder
from worker.core.reminders.schedule import ReminderRule
from worker.core.sending.notification_states import WAITING
from worker.core.spending.cost_estimate import expected

#: Rule, kind and id of the record, offset and slot: what makes an occurrence one.
Identity = tuple[str, str, str, int, str]


@dataclass(frozen=True, slots=True)
class Span:
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Foreseen:
    at: datetime
    entry: Entry
    draft: Draft

    @property
    def is_sent(self) -> bool:
        return self.draft.state in WAITING and self.at < self.draft.expires_at

    def cost(self, prices: Prices) -> Decimal | None:
        """In hryvnias, at most, as budgets count it; None where nobody knows the price of a segment."""
        if prices.sms.amount is None:
            return None
        return expected(self.draft.channel, self.draft.segments, prices).cost if self.is_sent else Decimal()


@dataclass(frozen=True, slots=True)
class Outlook:
    account: Account
    span: Span
    fired: Collection[Identity]
    salt: bytes


def foreseen(entry: Entry, newest: Record, rule: ReminderRule, outlook: Outlook) -> Iterator[Foreseen]:
    account, span = outlook.account, outlook.span
    reminder = next_reminder(rule, entry, account, after=span.begins - TICK)
    while reminder and reminder.at < span.ends:
        due = reminder.due
        if (rule.trigger, entry.record_kind, entry.record_id, due.offset_minutes, due.slot) not in outlook.fired:
            emission = emitted(rule, entry, due, newest, account)
            yield from texts(entry, emission, outlook, at=reminder.at) if emission else ()
        reminder = next_reminder(rule, entry, account, after=reminder.at)


def texts(entry: Entry, emission: Emission, outlook: Outlook, *, at: datetime) -> Iterator[Foreseen]:
    event = read(emission.body, routing_key=emission.routing_key, now=at)
    if isinstance(event, Malformed):
        return
    for draft in drafts(event, outlook.account, salt=outlook.salt, now=at):
        held_until = draft.due_at if draft.state == "postponed" else None
        yield Foreseen(held_until or at, entry, draft)

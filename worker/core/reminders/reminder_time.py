"""When people are reminded of a due moment: at it, or before, where quiet hours would keep it until it is too late."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.core.accounts.account import Account
from worker.core.clock.quiet_hours import is_open, last_open, opening, zone_of
from worker.core.reminders.calendar_entry import Entry
from worker.core.reminders.reminder_event import worthless_after
from worker.core.reminders.schedule import Due, ReminderRule, next_due
from worker.core.triggers.catalogue import BY_ID

#: Just before a moment.
TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ReminderTime:
    due: Due
    at: datetime


def next_reminder(rule: ReminderRule, entry: Entry, account: Account, *, after: datetime) -> ReminderTime | None:
    due = next_due(rule, entry, after=after)
    while due:
        at = reminder_at(rule, entry, due, account)
        if at > after:
            return ReminderTime(due, at)
        due = next_due(rule, entry, after=due.at)
    return None


def reminder_at(rule: ReminderRule, entry: Entry, due: Due, account: Account) -> datetime:
    """The due moment; or the evening before it.

    Two hours before a meeting at half past eight nobody is woken, and at nine it would be too late to remind of it.
    """
    zone = zone_of_people(entry, account)
    if BY_ID[rule.trigger].window != "day" or is_open(account.window, zone=zone, at=due.at):
        return due.at
    # By the trigger itself: a text for it may be written after its timers were computed.
    if opening(account.window, zone=zone, now=due.at) < worthless_after(rule, entry, due, account):
        return due.at
    return last_open(account.window, zone=zone, before=due.at)


def zone_of_people(entry: Entry, account: Account) -> str:
    """The zone of the first recipient, as far as it is known; each text is checked by its own person's again."""
    named = next((person.timezone for person in entry.data.recipients), "")
    return zone_of(named or account.zone).key

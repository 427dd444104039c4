"""What becomes of a timer whose moment has come, and of what it emitted: published, too late, or not true any more."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from worker.core.accounts.account import Account
from worker.core.contract.data import Record
from worker.core.reminders.calendar_entry import DELETED_DATA, Entry
from worker.core.reminders.reminder_event import Emission, emitted
from worker.core.reminders.reminder_time import TICK, ReminderTime, next_reminder
from worker.core.reminders.schedule import Due, ReminderRule, next_due
from worker.core.triggers.catalogue import BY_ID
from worker.core.triggers.matching import objection

#: An entry that is older than this when it arrives was not on its way to us: it is old news, and what
#: was due of it meanwhile was not missed.
ON_ITS_WAY = timedelta(days=7)

OVERTAKEN = "overtaken"
TOO_LATE = "too_late"
CANCELLED = "record_cancelled"
DELETED = "record_deleted"
MOVED = "record_moved"
NO_RULE = "no_rule"


@dataclass(frozen=True, slots=True)
class Fired:
    next_at: datetime | None
    processed_until: datetime
    emission: Emission | None = None


def fire(rule: ReminderRule, entry: Entry, newest: Record, account: Account, *, was: datetime, now: datetime) -> Fired:
    reminder = next_reminder(rule, entry, account, after=was - TICK)
    if reminder is None or reminder.at != was:
        return Fired(reminder.at if reminder else None, was - TICK)
    following = next_reminder(rule, entry, account, after=was)
    next_at = following.at if following else None
    emission = emitted(rule, entry, reminder.due, newest, account)
    if emission is None:
        return Fired(next_at, was)
    return Fired(next_at, was, replace(emission, reason=why_not(emission, next_at, now=now)))


def why_not(emission: Emission, next_at: datetime | None, *, now: datetime) -> str | None:
    if emission.expires_at <= now:
        return TOO_LATE
    return OVERTAKEN if next_at and next_at <= now else None


def first_reminder(
    rule: ReminderRule, entry: Entry, newest: Record, account: Account, *, since: datetime, now: datetime
) -> ReminderTime | None:
    """The first reminder of an entry that is as it is since then.

    What was due while it was on its way is sent or missed; of old news only what is still useful is sent.
    """
    if since >= now - ON_ITS_WAY:
        return next_reminder(rule, entry, account, after=since)
    reminder = next_reminder(rule, entry, account, after=now - ON_ITS_WAY)
    while reminder and reminder.at <= now:
        emission = emitted(rule, entry, reminder.due, newest, account)
        if emission and emission.expires_at > now:
            break
        reminder = next_reminder(rule, entry, account, after=reminder.at)
    return reminder


@dataclass(frozen=True, slots=True)
class EmittedReminder:
    trigger: str
    due_at: datetime
    slot: str
    offset_minutes: int
    changed_at: datetime


def untrue(reminder: EmittedReminder, entry: Entry | None, rule: ReminderRule | None) -> str | None:
    """Why an occurrence that waits is not true any more, by its current entry; None where it is."""
    if entry is None or entry.data == DELETED_DATA:
        return DELETED
    if entry.cancelled:
        return objection(BY_ID[reminder.trigger], entry.record, deleted=False) or CANCELLED
    if rule is None:
        return NO_RULE
    if entry.changed_at == reminder.changed_at:
        return None
    due = next_due(rule, entry, after=reminder.due_at - TICK)
    was = Due(reminder.due_at, reminder.slot, reminder.offset_minutes)
    return None if due == was else MOVED

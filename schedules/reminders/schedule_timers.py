"""The timers of entries that are new or changed, or whose account has other rules than before: computed anew."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from schedules.reminders.quarantine import Faults, alert_quarantined, tried
from schedules.reminders.tzdata import VERSION
from worker.core.accounts.account import Account
from worker.core.clock.timeouts import TIMER_PATIENCE
from worker.core.contract.data import Record
from worker.core.reminders.fire import first_reminder
from worker.core.reminders.reminder_time import ReminderTime, next_reminder
from worker.core.reminders.schedule import DAY, ReminderRule, rules_of
from worker.failpoint import reached
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Connection, Pool, be_brief, clock, committed
from worker.store.reminders import outdated_timers
from worker.store.reminders.outdated_timers import Known, Outdated, Rules, Timed

BATCH = 500
#: To find them, all accounts are gone through.
ACCOUNTS_AT_ONCE = 100
Clock = Callable[[Connection], datetime]


def retime(pool: Pool, cache: ConfigurationCache, *, ask: Clock = clock, limit: int = BATCH) -> int:
    """Schedule timers of some entries of some accounts and count these; 0 where none are outdated."""

    def act(connection: Connection) -> tuple[int, Faults]:
        be_brief(connection, TIMER_PATIENCE)
        found = outdated_timers.accounts(connection, tzdata=VERSION, limit=min(limit, ACCOUNTS_AT_ONCE))
        faults, count = Faults(), 0
        if not found:
            return 0, faults
        now = ask(connection)
        configuration, _ = cache.look(connection)
        for rules in found:
            account = configuration.accounts[rules.account]
            outdated = outdated_timers.entries(connection, rules, limit=limit - count)
            new = [timed(item, account, rules, faults, now=now) for item in outdated]
            count += outdated_timers.retime(connection, rules, new)
            if count >= limit:
                break
        reached("timed")
        return count, faults

    count, faults = committed(pool, act)
    alert_quarantined(faults)
    return count


def timed(outdated: Outdated, account: Account, rules: Rules, faults: Faults, *, now: datetime) -> Timed:
    timers = tried(outdated.entry, lambda: timers_of(outdated, account, rules, now=now), faults)
    if timers is None:
        return Timed(
            outdated, {name: replace(was, next_at=None) for name, was in outdated.timers.items()}, is_quarantined=True
        )
    return Timed(outdated, timers)


def timers_of(outdated: Outdated, account: Account, rules: Rules, *, now: datetime) -> dict[str, Known]:
    moment = outdated.entry.record_kind, outdated.entry.moment
    own = [rule for rule in rules_of(account) if (rule.record_kind, rule.moment) == moment]
    return {rule.trigger: timer(rule, outdated, account, rules, now=now) for rule in own}


def timer(rule: ReminderRule, outdated: Outdated, account: Account, rules: Rules, *, now: datetime) -> Known:
    """Compute a timer: it continues where it was, but fires nothing that was due before its entry or rule changed."""
    before = outdated.timers.get(rule.trigger)
    if before is None:
        since = outdated.since if outdated.is_new else max(outdated.since, rules.since)
        first = first_reminder(rule, outdated.entry, Record(), account, since=since, now=now)
        return Known(first.at if first else None, min(since, now))
    after = max(before.processed_until, outdated.since)
    reminder = next_reminder(rule, outdated.entry, account, after=after)
    if (
        reminder
        and reminder.at <= now
        and reminder.at != before.next_at
        and not only_earlier(rule, reminder, before, rules)
    ):
        after = max(after, rules.since)
        reminder = next_reminder(rule, outdated.entry, account, after=after)
    return Known(reminder.at if reminder else None, after)


def only_earlier(rule: ReminderRule, reminder: ReminderTime, before: Known, rules: Rules) -> bool:
    """Whether a timer waited for this very day when its account's rules changed, and fires at another hour now."""
    waited = before.next_at
    return rule.dated.shape != "instant" and waited is not None and waited > rules.since and waited - reminder.at < DAY

"""Timers whose moment has come become occurrences: each once, whoever runs it and wherever they die."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from schedules.reminders.quarantine import Faults, alert_quarantined, tried
from schedules.reminders.schedule_timers import Clock
from schedules.reminders.tzdata import VERSION
from worker.core.accounts.account import Account
from worker.core.clock.timeouts import TIMER_PATIENCE
from worker.core.reminders.fire import Fired, fire
from worker.core.reminders.newest_phone import named_in, with_newest
from worker.core.reminders.reminder_time import TICK
from worker.core.reminders.schedule import ReminderRule, rules_of
from worker.failpoint import reached
from worker.store.accounts.configuration import Configuration, ConfigurationCache
from worker.store.db.postgres import Connection, Pool, be_brief, clock, committed
from worker.store.reminders import timers
from worker.store.reminders.timers import Advanced, Due
from worker.store.sending import phone_changes

BATCH = 500


def emit(pool: Pool, cache: ConfigurationCache, *, ask: Clock = clock, limit: int = BATCH) -> dict[str, int] | None:
    """Advance due timers and save the occurrences they emit; count these by state, None where no timer was due."""

    def act(connection: Connection) -> tuple[dict[str, int] | None, Faults]:
        be_brief(connection, TIMER_PATIENCE)
        now = ask(connection)
        due = timers.due(connection, tzdata=VERSION, limit=limit, now=now)
        if not due:
            return None, []
        reached("due")
        known = phone_changes.known(connection, named_in(item.entry for item in due))
        due = [replace(item, entry=with_newest(item.entry, known)) for item in due]
        # Never older than the rules that these timers were computed by.
        configuration, _ = cache.look(connection)
        rules = {account: rules_by_trigger(configuration, account) for account in {item.account for item in due}}
        faults = Faults()
        advanced = [
            advance(item, configuration.accounts[item.account], rules[item.account], faults, now=now) for item in due
        ]
        made = timers.advance(connection, advanced, now=now)
        timers.quarantine(connection, [entry for entry, _ in faults])
        reached("advanced")
        return made, faults

    made, faults = committed(pool, act)
    alert_quarantined(faults)
    if made is not None:
        reached("emitted")
    return made


def rules_by_trigger(configuration: Configuration, account: str) -> Mapping[str, ReminderRule]:
    return {rule.trigger: rule for rule in rules_of(configuration.accounts[account])}


def advance(
    due: Due, account: Account, rules: Mapping[str, ReminderRule], faults: Faults, *, now: datetime
) -> Advanced:
    """Advance a timer; without a rule, or where its entry fails, it only stops."""
    rule = rules.get(due.rule)
    if rule is None:
        return Advanced(due, Fired(None, due.next_at))
    fired = tried(due.entry, lambda: fire(rule, due.entry, due.record, account, was=due.next_at, now=now), faults)
    return Advanced(due, fired or Fired(None, due.next_at - TICK))

"""`/reminders`: what the clock will set off."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated

from worker.language import _
from worker.store.accounts.account_zones import account_zones
from worker.store.db.postgres import transaction
from worker.store.reminders.coming import coming
from worker.web.api.endpoint import Answer, Call, endpoint
from worker.web.api.fields import Fields, about
from worker.web.api.monitoring.stats import Day
from worker.web.api.problems import Problem, wrong_field

TAG = "stats"
DAYS, DAYS_MAX = 7, 31


class UntilWhen(Fields):
    until: Annotated[Day | None, about("The last day, by the account's clocks; else in a week.", "2026-12-07")] = None


@dataclass(frozen=True, slots=True)
class ComingReminders:
    """Reminders of a day; of each record its next alone."""

    day: Annotated[date, about("By the account's clocks.")]
    trigger: Annotated[str, about("The trigger.", "meeting_reminder")]
    reminders: Annotated[int, about("How many.")]


@dataclass(frozen=True, slots=True)
class Coming:
    """What is coming, by day and trigger."""

    until: Annotated[date, about("The last day.")]
    items: list[ComingReminders]


@endpoint("GET", "/reminders", scope="read", tag=TAG, answer=Coming)
def list_coming(call: Call[UntilWhen, None]) -> Answer | Problem:
    """Count the reminders that the clock will set off, by day and trigger."""
    with transaction(call.pool) as connection:
        zone = account_zones(connection)[call.account]
        today = call.now.astimezone(zone).date()
        until = call.parameters.until or today + timedelta(days=DAYS - 1)
        if not today <= until <= today + timedelta(days=DAYS_MAX):
            return wrong_field("until", _("must be a day of the next {days}", days=DAYS_MAX))
        ends = datetime.combine(until + timedelta(days=1), time(), zone)
        found = coming(connection, call.account, until=ends, zone=zone.key)
    return Answer(Coming(until, [ComingReminders(each.day, each.trigger, each.reminders) for each in found]))

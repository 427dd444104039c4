"""When a rule of an account is due: the next due moment after another, in UTC.

Clocks that go on: the first valid moment after the hour that is left out. Clocks that go back: the first of the two.
29 February is 28 February in common years. Hours are those of the account, never of the server.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from worker.core.accounts.account import Account, Timing
from worker.core.clock.quiet_hours import moment, zone_of
from worker.core.contract.data import Starting
from worker.core.reminders.birthday import birthday_in
from worker.core.reminders.calendar_entry import DATED, Dated, Entry

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
DAY_MINUTES = 24 * 60
DEFAULTS: Mapping[str, Timing] = {
    "meeting_reminder": Timing(before=(24 * 60, 2 * 60)),
    "booking_reminder": Timing(before=(24 * 60, 2 * 60)),
    "staff_reminder": Timing(before=(0,)),
    "contact_birthday": Timing(),
    "contract_expiration_reminder": Timing(days_before=(4, 0), at_most=3),
    "proposal_expiration_reminder": Timing(days_before=(4, 0), at_most=3),
    "invoice_overdue_notice": Timing(after_days=1, every_days=3, at_most=10),
}


@dataclass(frozen=True, slots=True)
class ReminderRule:
    trigger: str
    dated: Dated
    timing: Timing
    zone: str

    @property
    def record_kind(self) -> str:
        return self.dated.record_kind

    @property
    def moment(self) -> str:
        return self.dated.moment


@dataclass(frozen=True, slots=True)
class Due:
    """One moment, in UTC, at which people are reminded.

    `slot` stays the same however often the record is saved: the local start, the last day, a birthday's year. Days
    count as 1440 minutes in `offset_minutes`, which is negative once a day is past.
    """

    at: datetime
    slot: str
    offset_minutes: int


def rules_of(account: Account) -> Sequence[ReminderRule]:
    return [
        ReminderRule(dated.trigger, dated, account.timings[dated.trigger], account.zone)
        for dated in DATED.values()
        if dated.trigger in account.timings
    ]


def next_due(rule: ReminderRule, entry: Entry, *, after: datetime) -> Due | None:
    """The first due moment of an entry later than `after`; None where none comes.

    `after` is the moment of the due before it, or, for an entry that was never looked at, its `changed_at`: what was
    due before the record was saved is not made up for; what came due while no scheduler ran is.
    """
    if (
        entry.cancelled
        or entry.local_at is None
        or (entry.record_kind, entry.moment) != (rule.record_kind, rule.moment)
    ):
        return None
    return next((due for due in dues(rule, entry, entry.local_at, after) if due.at > after), None)


def dues(rule: ReminderRule, entry: Entry, local_at: datetime, after: datetime) -> Iterator[Due]:
    match rule.dated.shape:
        case "instant":
            return befores(rule, entry)
        case "birthday":
            return birthdays(rule, entry, local_at, after)
        case "day":
            return notices(rule, local_at.date())


def befores(rule: ReminderRule, entry: Entry) -> Iterator[Due]:
    start = start_of(entry)
    slot = f"{entry.local_at:%Y-%m-%dT%H:%M:%S}"
    own = None if rule.timing.before == (0,) else Starting.remind_before.of(entry.record)
    for minutes in rule.timing.before if own is None else own:
        yield Due(start - minutes * MINUTE, slot, minutes)


def start_of(entry: Entry) -> datetime:
    """The moment of a start, in UTC: the event's own while clocks in the record's zone show the entry's hour then.

    So the later of two equal hours stays the later one, and a country that changes its rules moves the moment.
    """
    match DATED[entry.record_kind].field.of(entry.record):
        case datetime() as written if entry.zone is None or entry.local_at is None:
            return written.astimezone(UTC)
        case datetime() as written:
            is_shown = written.astimezone(zone_of(entry.zone)).replace(tzinfo=None) == entry.local_at
            return written.astimezone(UTC) if is_shown else moment(entry.local_at, zone=entry.zone)
        case _:
            raise ValueError(f"the newest state of this {entry.record_kind} has no {entry.moment}")


def birthdays(rule: ReminderRule, entry: Entry, local_at: datetime, after: datetime) -> Iterator[Due]:
    zone = entry.zone or rule.zone
    for year in range(after.year - 1, after.year + 3):
        day = birthday_in(year, local_at.date())
        yield Due(at_hour(day, rule, zone), str(year), 0)


def notices(rule: ReminderRule, last: date) -> Iterator[Due]:
    """The hour on each day before, on and after a last day; of two that a zone without a day makes one, the later."""
    waiting: Due | None = None
    for days in days_after(rule.timing):
        due = Due(at_hour(last + days * DAY, rule, rule.zone), last.isoformat(), -days * DAY_MINUTES)
        if waiting and waiting.at < due.at:
            yield waiting
        waiting = due
    if waiting:
        yield waiting


def days_after(timing: Timing) -> Iterator[int]:
    yield from (-days for days in timing.days_before)
    first = timing.after_days or timing.every_days
    for number in range(timing.at_most if first else 0):
        if number and not timing.every_days:
            return
        yield first + number * timing.every_days


def at_hour(day: date, rule: ReminderRule, zone: str) -> datetime:
    return moment(datetime.combine(day, datetime.min.time()) + rule.timing.hour * MINUTE, zone=zone)

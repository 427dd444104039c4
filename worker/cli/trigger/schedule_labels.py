"""When the clock sets a trigger off, in words for admins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from worker.core.accounts.account import Timing
from worker.core.clock.durations import format_duration
from worker.core.reminders.schedule import DEFAULTS
from worker.core.reminders.trigger_settings import read
from worker.core.triggers.trigger import Trigger

MINUTE = timedelta(minutes=1)
OFF = "by the CRM's own clock"
#: What an admin does who has no such CRM, as accounts that are older than our clock begin.
TURN_ON = "where it has none: perfectum-sms trigger set ACCOUNT {trigger} --setting timing=on"
#: What is true of a trigger whatever an account sets.
NOTES: Mapping[str, str] = {
    "meeting_reminder": "a meeting's own remind_before goes before it",
    "booking_reminder": "a booking's own remind_before goes before it; only bookings that are confirmed",
    "contact_birthday": "by the contact's clocks where their zone is known; 29 February is the 28th in common years",
    "contract_expiration_reminder": "by the account's clocks",
    "proposal_expiration_reminder": "by the account's clocks; until it is accepted or declined",
    "invoice_overdue_notice": "by the account's clocks; until it is paid",
}


def format_schedule(trigger: Trigger, settings: Mapping[str, object]) -> str | None:
    """`24h and 2h before the start`; None for a trigger that no clock sets off."""
    if trigger.id not in DEFAULTS:
        return None
    timing = read(settings).timing_of(trigger.id)
    return ", ".join(parts(trigger.id, timing)) if timing else OFF


def in_full(trigger: Trigger, settings: Mapping[str, object]) -> str | None:
    """The same, with what else an admin wants to know of it."""
    text = format_schedule(trigger, settings)
    note = TURN_ON.format(trigger=trigger.id) if text == OFF else NOTES.get(trigger.id)
    return f"{text}; {note}" if text and note else text


def parts(trigger: str, timing: Timing) -> Iterator[str]:
    if trigger == "staff_reminder":
        yield "at its moment"
    elif timing.before:
        yield f"{enumeration([format_duration(minutes * MINUTE) for minutes in timing.before])} before the start"
    elif trigger == "contact_birthday":
        yield f"on the day at {format_hour(timing)}"
    else:
        yield from days(timing)


def days(timing: Timing) -> Iterator[str]:
    ahead = [str(number) for number in timing.days_before if number]
    if ahead:
        yield f"{enumeration(ahead)} {'day' if ahead == ['1'] else 'days'} before the last day"
    if 0 in timing.days_before:
        yield "on that day" if ahead else "on the last day"
    if timing.after_days:
        yield f"{counted(timing.after_days)} after the due day"
    if timing.every_days:
        again = "every day" if timing.every_days == 1 else f"every {timing.every_days} days"
        yield f"{'then' if timing.after_days else 'after it'} {again}, {timing.at_most} times at most"
    yield f"at {format_hour(timing)}"


def enumeration(phrases: list[str]) -> str:
    """`24h, 6h and 2h`."""
    *others, last = phrases
    return f"{', '.join(others)} and {last}" if others else last


def counted(number: int) -> str:
    """`1 day`, `2 days`."""
    return f"{number} day{'' if number == 1 else 's'}"


def format_hour(timing: Timing) -> str:
    """`9:00`."""
    return f"{timing.hour // 60}:{timing.hour % 60:02}"

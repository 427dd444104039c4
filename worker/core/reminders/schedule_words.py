"""When the clock sets a trigger off, in words."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from worker.core.accounts.account import Timing
from worker.core.clock.durations import format_duration
from worker.core.reminders.schedule import DEFAULTS
from worker.core.reminders.trigger_settings import read
from worker.core.triggers.trigger import Trigger
from worker.language import _, marked, ngettext

MINUTE = timedelta(minutes=1)
OFF = marked("by the CRM's own clock")
UNITS = {"m": marked("{count}m"), "h": marked("{count}h"), "d": marked("{count}d")}


def format_schedule(trigger: Trigger, settings: Mapping[str, object]) -> str | None:
    """`24h and 2h before the start`; None for a trigger that no clock sets off."""
    if trigger.id not in DEFAULTS:
        return None
    timing = read(settings).timing_of(trigger.id)
    return ", ".join(parts(trigger.id, timing)) if timing else _(OFF)


def parts(trigger: str, timing: Timing) -> Iterator[str]:
    if trigger == "staff_reminder":
        yield _("at its moment")
    elif timing.before:
        yield _(
            "{before} before the start",
            before=enumeration([ahead_of_start(minutes) for minutes in timing.before]),
        )
    elif trigger == "contact_birthday":
        yield _("on the day at {hour}", hour=format_hour(timing))
    else:
        yield from days(timing)


def ahead_of_start(minutes: int) -> str:
    """`24h`, in the reader's language."""
    if not minutes:
        return "0"
    text = format_duration(minutes * MINUTE)
    return _(UNITS[text[-1]], count=text[:-1])


def days(timing: Timing) -> Iterator[str]:
    ahead = [str(number) for number in timing.days_before if number]
    if ahead:
        one_day = ahead == ["1"]
        yield (
            _("1 day before the last day") if one_day else _("{days} days before the last day", days=enumeration(ahead))
        )
    if 0 in timing.days_before:
        yield _("on that day") if ahead else _("on the last day")
    if timing.after_days:
        yield _("{days} after the due day", days=counted(timing.after_days))
    if timing.every_days:
        again = ngettext("every day", "every {count} days", timing.every_days)
        most = ngettext("{count} time at most", "{count} times at most", timing.at_most)
        yield f"{_('then') if timing.after_days else _('after it')} {again}, {most}"
    yield _("at {hour}", hour=format_hour(timing))


def enumeration(phrases: list[str]) -> str:
    """`24h, 6h and 2h`."""
    *others, last = phrases
    return _("{others} and {last}", others=", ".join(others), last=last) if others else last


def counted(number: int) -> str:
    """`1 day`, `2 days`."""
    return ngettext("{count} day", "{count} days", number)


def format_hour(timing: Timing) -> str:
    """`9:00`."""
    return f"{timing.hour // 60}:{timing.hour % 60:02}"

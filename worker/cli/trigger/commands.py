"""`perfectum-sms trigger`: which events an account writes to people about, and how."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Annotated

import typer

from worker.cli.account_argument import AccountId
from worker.cli.connections import ledger
from worker.cli.operator import operator_name
from worker.cli.template.context import Desk, open_desk
from worker.cli.terminal import AsJson, Exit, echo, emit, group, sheet, show, stop
from worker.cli.trigger.set_options import TriggerId, format_settings, known_trigger, set_
from worker.core.accounts.account import Timing
from worker.core.authoring.template_scope import of_trigger
from worker.core.clock.durations import format_duration
from worker.core.planning.channel import effective
from worker.core.reminders.schedule import DEFAULTS
from worker.core.reminders.trigger_settings import read
from worker.core.triggers.catalogue import TRIGGERS
from worker.core.triggers.trigger import Trigger
from worker.store.accounts import templates, trigger_settings
from worker.store.accounts.templates import Template
from worker.store.accounts.trigger_settings import TriggerSettings
from worker.store.audit.configuration import noting_changes
from worker.store.db.postgres import Connection

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


app = group("See, switch and set the triggers of an account.")

TriggerIds = Annotated[list[str] | None, typer.Argument(metavar="TRIGGER...", help="As trigger list names them.")]
All = Annotated[bool, typer.Option("--all", help="All of them.")]


app.command("set")(set_)


@app.command("list")
def list_(account: AccountId, *, as_json: AsJson = False) -> None:
    """List the triggers of an account: whether each is on, its channel, its languages, when the clock sets it off.

    - `perfectum-sms trigger list acme`
    """
    with ledger() as connection:
        desk = open_desk(connection, account)
        known = trigger_settings.list_trigger_settings(connection, account)
    rows = [row_of(trigger, known.get(trigger.id, TriggerSettings()), desk) for trigger in TRIGGERS]
    show(rows, as_json=as_json, columns=("trigger", "state", "channel", "texts", "event", "label", "when"), empty="")


def row_of(trigger: Trigger, settings: TriggerSettings, desk: Desk) -> dict[str, object]:
    """A trigger in one line; its channel is the one that its texts take, whatever it is set to."""
    texts = texts_of(desk, trigger)
    return {
        "trigger": trigger.id,
        "label": trigger.label,
        "event": trigger.event,
        "state": state_of(settings, has_text=trigger.is_free or bool(texts)),
        **asdict(settings),
        "channel": effective(settings.channel, is_viber_first=desk.settings.viber_instead),
        "channel_set": settings.channel,
        "texts": ", ".join(texts),
        "when": format_schedule(trigger, settings.settings),
    }


def state_of(settings: TriggerSettings, *, has_text: bool) -> str:
    if not settings.switched_on:
        return "off"
    return "on" if has_text else "blank"


def texts_of(desk: Desk, trigger: Trigger) -> dict[str, str]:
    return {kept.locale: kept.text for kept in desk.kept if kept.trigger == trigger.id and kept.text.strip()}


@app.command("show")
def show_(account: AccountId, trigger: TriggerId, *, as_json: AsJson = False) -> None:
    """Show one trigger: when it writes, to whom, how urgently, for how long, how it is set, and its texts.

    - `perfectum-sms trigger show acme booking_confirmed`
    """
    shown = known_trigger(trigger)
    with ledger() as connection:
        desk = open_desk(connection, account)
        settings = trigger_settings.list_trigger_settings(connection, account).get(shown.id, TriggerSettings())
    texts = texts_of(desk, shown)
    row = {**row_of(shown, settings, desk), **nature_of(shown), "when": in_full(shown, settings.settings)}
    if as_json:
        emit({**row, "texts": texts})
        return
    fields = {name: value for name, value in row.items() if name not in {"switched_on", "texts"}}
    text = {f"text {name}": text for name, text in texts.items()}
    sheet({**fields, "settings": format_settings(settings.settings), **text})
    echo(f"Its shortcodes: perfectum-sms template shortcodes --trigger {shown.id}")


def nature_of(trigger: Trigger) -> dict[str, object]:
    return {
        "recipients": ", ".join(sorted(trigger.recipient_kinds)),
        "class": trigger.message_class,
        "consent": consent_label(trigger),
        "lane": trigger.lane,
        "window": trigger.window,
        "life": format_duration(trigger.life),
        "until": trigger.until,
        "sections": ", ".join(trigger.sections),
    }


def consent_label(trigger: Trigger) -> str:
    asked = "recipients.consent in the event, or what contact.saved recorded; else skipped: no_consent"
    if trigger.message_class == "marketing":
        return f"needed: {asked}"
    return f"needed if the event is marketing: {asked}" if trigger.is_free else "not asked for"


@app.command()
def on(account: AccountId, names: TriggerIds = None, *, all_: All = False) -> None:
    """Switch triggers on; one without a text gets the default one. Workers notice within seconds.

    - `perfectum-sms trigger on acme booking_confirmed booking_reminder`
    """
    switch(account, chosen(names or (), all_=all_), is_on=True)


@app.command()
def off(account: AccountId, names: TriggerIds = None, *, all_: All = False) -> None:
    """Switch triggers off: from now on they plan nothing. What is planned already still goes.

    - `perfectum-sms trigger off acme contact_birthday`
    """
    switch(account, chosen(names or (), all_=all_), is_on=False)


def chosen(names: Sequence[str], *, all_: bool) -> list[Trigger]:
    if bool(names) == all_:
        raise stop("Name triggers, or give --all; not both.", Exit.USAGE)
    return list(TRIGGERS) if all_ else [known_trigger(name) for name in dict.fromkeys(names)]


def switch(account: str, wanted: Sequence[Trigger], *, is_on: bool) -> None:
    state = "on" if is_on else "off"
    with ledger() as connection, noting_changes(connection, account, by=operator_name()):
        desk = open_desk(connection, account, to_edit=True)
        known = trigger_settings.list_trigger_settings(connection, account)
        for trigger in wanted:
            before = known.get(trigger.id, TriggerSettings())
            trigger_settings.save(connection, account, trigger.id, replace(before, switched_on=is_on))
            echo(f"{trigger.id}: {f'is {state} already' if before.switched_on == is_on else f'is {state} now'}")
            if is_on and not trigger.is_free and not texts_of(desk, trigger):
                write_default(connection, desk, trigger)


def write_default(connection: Connection, desk: Desk, trigger: Trigger) -> None:
    locale = desk.settings.locale
    text = trigger.texts.get(locale, trigger.texts["uk"])
    kept = desk.text(of_trigger(trigger), locale)
    if kept:
        templates.write(connection, kept.id, text, author=operator_name(), after=kept.version)
    else:
        templates.add(
            connection, desk.account, Template(trigger.id, None, None, None, locale), text, author=operator_name()
        )
    echo(f"{trigger.id}: had no text and got the default one: {text}")

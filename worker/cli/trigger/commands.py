"""`perfectum-sms trigger`: which events an account writes to people about, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Annotated

import typer

from worker.cli.account_argument import AccountId
from worker.cli.connections import ledger
from worker.cli.template.context import Desk, open_desk
from worker.cli.terminal import AsJson, Exit, echo, emit, sheet, show, stop, who
from worker.cli.trigger.schedule_labels import format_schedule, in_full
from worker.cli.trigger.set_options import TriggerId, format_settings, known_trigger, set_
from worker.core.authoring.template_scope import of_trigger
from worker.core.clock.durations import format_duration
from worker.core.planning.channel import effective
from worker.core.triggers.catalogue import TRIGGERS
from worker.core.triggers.trigger import Trigger
from worker.store.accounts import templates, trigger_settings
from worker.store.accounts.templates import Template
from worker.store.accounts.trigger_settings import TriggerSettings
from worker.store.db.postgres import Connection

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="See, switch and set the triggers of an account."
)

TriggerIds = Annotated[
    list[str] | None, typer.Argument(metavar="TRIGGER...", help="As perfectum-sms trigger list names them.")
]
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
    """Its texts by language; a blank one is none."""
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
    """What no account can change of a trigger."""
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
    """Whether people must have agreed to it."""
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
    with ledger() as connection:
        desk = open_desk(connection, account, to_edit=True)
        known = trigger_settings.list_trigger_settings(connection, account)
        for trigger in wanted:
            before = known.get(trigger.id, TriggerSettings())
            trigger_settings.save(connection, account, trigger.id, replace(before, switched_on=is_on))
            echo(f"{trigger.id}: {f'is {state} already' if before.switched_on == is_on else f'is {state} now'}")
            if is_on and not trigger.is_free and not texts_of(desk, trigger):
                write_default(connection, desk, trigger)


def write_default(connection: Connection, desk: Desk, trigger: Trigger) -> None:
    """Give a trigger without a text its default one, in the account's language."""
    locale = desk.settings.locale
    text = trigger.texts.get(locale, trigger.texts["uk"])
    kept = desk.text(of_trigger(trigger), locale)
    if kept:
        templates.write(connection, kept.id, text, author=who(), after=kept.version)
    else:
        templates.add(connection, desk.account, Template(trigger.id, None, None, None, locale), text, author=who())
    echo(f"{trigger.id}: had no text and got the default one: {text}")

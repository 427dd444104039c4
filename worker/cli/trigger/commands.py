"""`perfectum-sms trigger`: which events an account writes to people about, and how."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from worker.cli.account_argument import AccountId
from worker.cli.connections import ledger
from worker.cli.operator import operator_name
from worker.cli.template.context import open_desk
from worker.cli.terminal import AsJson, Exit, echo, emit, group, one_of, sheet, show, stop
from worker.cli.trigger.set_options import TriggerId, format_settings, known_trigger, set_
from worker.core.clock.durations import format_duration
from worker.core.reminders.schedule_words import OFF, format_schedule
from worker.core.triggers.catalogue import BY_ID, TRIGGERS
from worker.core.triggers.trigger import Trigger
from worker.language import _, marked, ngettext
from worker.steps.accounts import triggers
from worker.steps.accounts.triggers import TriggerView
from worker.store.audit.configuration import noting_changes
from worker.store.db.postgres import Connection
from worker.store.hands.chosen import Backlog, backlog

#: What an admin does who has no such CRM, as accounts that are older than our clock begin.
TURN_ON = marked("where it has none: perfectum-sms trigger set ACCOUNT {trigger} --setting timing=on")
#: What is true of a trigger whatever an account sets.
NOTES: Mapping[str, str] = {
    "meeting_reminder": marked("a meeting's own remind_before goes before it"),
    "booking_reminder": marked("a booking's own remind_before goes before it; only bookings that are confirmed"),
    "contact_birthday": marked(
        "by the contact's clocks where their zone is known; 29 February is the 28th in common years"
    ),
    "contract_expiration_reminder": marked("by the account's clocks"),
    "proposal_expiration_reminder": marked("by the account's clocks; until it is accepted or declined"),
    "invoice_overdue_notice": marked("by the account's clocks; until it is paid"),
}


def in_full(trigger: Trigger, settings: Mapping[str, object]) -> str | None:
    """The same, with what else an admin wants to know of it."""
    text = format_schedule(trigger, settings)
    note = TURN_ON if text == _(OFF) else NOTES.get(trigger.id, "")
    return f"{text}; {_(note, trigger=trigger.id)}" if text and note else text


app = group("See, switch and set the triggers of an account.")

TriggerIds = Annotated[
    list[str] | None,
    typer.Argument(metavar="TRIGGER...", autocompletion=one_of(BY_ID), help="As trigger list names them."),
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
        rows = [row_of(view) for view in triggers.views(connection, desk)]
    show(rows, as_json=as_json, columns=("trigger", "state", "channel", "texts", "event", "label", "when"), empty="")


def row_of(view: TriggerView) -> dict[str, object]:
    """A trigger in one line."""
    trigger, settings = view.trigger, view.settings
    return {
        "trigger": trigger.id,
        "label": trigger.label,
        "event": trigger.event,
        "state": view.state,
        **asdict(settings),
        "channel": view.channel,
        "channel_set": settings.channel,
        "texts": ", ".join(view.texts),
        "when": format_schedule(trigger, settings.settings),
    }


@app.command("show")
def show_(account: AccountId, trigger: TriggerId, *, as_json: AsJson = False) -> None:
    """Show one trigger: when it writes, to whom, how urgently, for how long, how it is set, and its texts.

    - `perfectum-sms trigger show acme booking_confirmed`
    """
    shown = known_trigger(trigger)
    with ledger() as connection:
        desk = open_desk(connection, account)
        view = triggers.view_of(connection, desk, shown)
    settings = view.settings.settings
    row = {**row_of(view), **nature_of(shown), "when": in_full(shown, settings)}
    if as_json:
        emit({**row, "texts": view.texts})
        return
    fields = {name: value for name, value in row.items() if name not in {"switched_on", "texts"}}
    text = {_("text {name}", name=name): text for name, text in view.texts.items()}
    sheet({**fields, "settings": format_settings(settings), **text})
    echo(_("Its shortcodes: perfectum-sms template shortcodes --trigger {id}", id=shown.id))


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
    asked = _("recipients.consent in the event, or what contact.saved recorded; else skipped: no_consent")
    if trigger.message_class == "marketing":
        return _("needed: {asked}", asked=asked)
    return _("needed if the event is marketing: {asked}", asked=asked) if trigger.is_free else _("not asked for")


@app.command()
def on(account: AccountId, names: TriggerIds = None, *, all_: All = False) -> None:
    """Switch triggers on; one without a text gets the default one. Workers notice within seconds.

    - `perfectum-sms trigger on acme booking_confirmed booking_reminder`
    """
    switch(account, chosen(names or (), all_=all_), is_on=True)


@app.command()
def off(account: AccountId, names: TriggerIds = None, *, all_: All = False) -> None:
    """Switch triggers off: from now on they plan nothing. What is planned already still goes, and is counted here.

    `perfectum-sms pause ACCOUNT --trigger TRIGGER` holds that too, `perfectum-sms cancel` drops it.

    - `perfectum-sms trigger off acme contact_birthday`
    """
    switch(account, chosen(names or (), all_=all_), is_on=False)


def chosen(names: Sequence[str], *, all_: bool) -> list[Trigger]:
    if bool(names) == all_:
        raise stop(_("Name triggers, or give --all; not both."), Exit.USAGE)
    return list(TRIGGERS) if all_ else [known_trigger(name) for name in dict.fromkeys(names)]


def switch(account: str, wanted: Sequence[Trigger], *, is_on: bool) -> None:
    with ledger() as connection, noting_changes(connection, account, by=operator_name()):
        desk = open_desk(connection, account, to_edit=True)
        for trigger in wanted:
            done = triggers.switch(connection, desk, trigger, is_on=is_on, author=operator_name())
            echo(f"{trigger.id}: {switched(is_on=is_on, was_on=done.was_on)}")
            if done.default_text is not None:
                echo(_("{id}: had no text and got the default one: {text}", id=trigger.id, text=done.default_text))
            if not is_on:
                warn_of_waiting(connection, account, trigger.id)


def warn_of_waiting(connection: Connection, account: str, trigger: str) -> None:
    """Say how many texts of a trigger go though it is off, for no claim asks that, and what stops them."""
    waiting = backlog(connection, Backlog(account, trigger))
    if not waiting.groups:
        return
    texts = ngettext(
        "{count} text that is planned already goes all the same",
        "{count} texts that are planned already go all the same",
        len(waiting),
    )
    echo(f"{trigger}: {texts}")
    echo(
        _(
            "To hold: perfectum-sms pause {account} --trigger {trigger}."
            " To drop: perfectum-sms cancel --account {account} --trigger {trigger}",
            account=account,
            trigger=trigger,
        )
    )


def switched(*, is_on: bool, was_on: bool) -> str:
    if is_on:
        return _("is on already") if was_on else _("is on now")
    return _("is off now") if was_on else _("is off already")

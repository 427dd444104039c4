"""Triggers of an account: how each is set, switching them, and changing their settings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from worker.core.authoring.template_scope import of_trigger
from worker.core.authoring.trigger_settings_check import faults, plain
from worker.core.planning.channel import effective
from worker.core.triggers.catalogue import TRIGGERS
from worker.core.triggers.trigger import Trigger
from worker.steps.accounts.budgets import lacks_price, wake
from worker.steps.accounts.desk import Desk, open_desk
from worker.store.accounts import templates, trigger_settings
from worker.store.accounts.templates import Template
from worker.store.accounts.trigger_settings import TriggerSettings
from worker.store.db.postgres import Connection

#: `blank`: it is on, and has no text in any language.
SwitchState = Literal["on", "off", "blank"]


@dataclass(frozen=True, slots=True)
class TriggerView:
    """A trigger as an account uses it; `channel` is the one that its texts take, whatever it is set to.

    Attributes:
        texts: those that are not blank, by language.
    """

    trigger: Trigger
    settings: TriggerSettings
    state: SwitchState
    channel: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Switched:
    """A trigger that was switched; `default_text` is what it got where it had none."""

    was_on: bool
    default_text: str | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    before: TriggerSettings
    after: TriggerSettings


@dataclass(frozen=True, slots=True)
class Setting:
    """What is given of how a trigger is to be; None among its own `settings` takes one back to its default."""

    attributes: Mapping[str, Any]
    settings: Mapping[str, object]
    is_on: bool | None


@dataclass(frozen=True, slots=True)
class Faulty:
    """Settings that a trigger cannot have, each with the way to it and its fix."""

    faults: Sequence[tuple[Sequence[str], str]]


def views(connection: Connection, desk: Desk) -> Iterator[TriggerView]:
    """Every trigger of the catalogue as an account uses it."""
    known = trigger_settings.list_trigger_settings(connection, desk.account)
    return (view(desk, trigger, known.get(trigger.id, TriggerSettings())) for trigger in TRIGGERS)


def view_of(connection: Connection, desk: Desk, trigger: Trigger) -> TriggerView:
    return view(desk, trigger, settings_of(connection, desk.account, trigger))


def view(desk: Desk, trigger: Trigger, settings: TriggerSettings) -> TriggerView:
    texts = texts_of(desk, trigger)
    has_text = trigger.is_free or bool(texts)
    state: SwitchState = "off" if not settings.switched_on else "on" if has_text else "blank"
    channel = effective(settings.channel, desk.settings)
    return TriggerView(trigger, settings, state, channel, texts)


def texts_of(desk: Desk, trigger: Trigger) -> dict[str, str]:
    return {kept.locale: kept.text for kept in desk.kept if kept.trigger == trigger.id and kept.text.strip()}


def settings_of(connection: Connection, account: str, trigger: Trigger) -> TriggerSettings:
    return trigger_settings.list_trigger_settings(connection, account).get(trigger.id, TriggerSettings())


def switch(connection: Connection, desk: Desk, trigger: Trigger, *, is_on: bool, author: str) -> Switched:
    """Switch a trigger; one that is switched on without a text gets the default one."""
    before = settings_of(connection, desk.account, trigger)
    trigger_settings.save(connection, desk.account, trigger.id, replace(before, switched_on=is_on))
    if is_on and not trigger.is_free and not texts_of(desk, trigger):
        return Switched(before.switched_on, write_default(connection, desk, trigger, author=author))
    return Switched(before.switched_on)


def write_default(connection: Connection, desk: Desk, trigger: Trigger, *, author: str) -> str:
    locale = desk.settings.locale
    text = trigger.texts.get(locale, trigger.texts["uk"])
    kept = desk.text(of_trigger(trigger), locale)
    if kept:
        templates.write(connection, kept.id, text, author=author, after=kept.version)
    else:
        templates.add(connection, desk.account, Template(trigger.id, None, None, None, locale), text, author=author)
    return text


def set_up(
    connection: Connection, desk: Desk, trigger: Trigger, wanted: Setting, *, author: str
) -> TriggerView | Faulty | Literal["no_price"]:
    """Set and switch a trigger. `no_price`: nobody knows what its budget buys; the caller keeps nothing then."""
    before = settings_of(connection, desk.account, trigger)
    merged: dict[str, object] = {**before.settings, **wanted.settings}
    settings = {name: value for name, value in merged.items() if value is not None}
    if wrong := list(faults(trigger, settings)):
        return Faulty(wrong)
    change(connection, desk.account, trigger, {**wanted.attributes, "settings": plain(settings)})
    if lacks_price(connection, desk.account):
        return "no_price"
    if wanted.is_on is not None:
        switch(connection, desk, trigger, is_on=wanted.is_on, author=author)
    return view_of(connection, open_desk(connection, desk.account) or desk, trigger)


def change(connection: Connection, account: str, trigger: Trigger, wanted: Mapping[str, Any]) -> Changed:
    """Change what is given of a trigger's settings, by their attributes; texts that wait for its budget look again.

    The caller asks `lacks_price` afterwards.
    """
    before = settings_of(connection, account, trigger)
    after = replace(before, **wanted)
    trigger_settings.save(connection, account, trigger.id, after)
    wake(connection, account, before, after)
    return Changed(before, after)

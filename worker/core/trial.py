"""A text tried out on an event as it came: nothing is kept, nobody is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from worker.core.account import Account, Custom, Switch, Text
from worker.core.catalogue import BY_ID
from worker.core.draft import Draft, drafts
from worker.core.event import Event, read
from worker.core.facts import word
from worker.core.rule import Trigger
from worker.core.segment import Segments, segments
from worker.core.subject import Subject

#: Keys are made and thrown away: nobody is recognised by them.
NO_SALT = b"trial"


@dataclass(frozen=True, slots=True)
class Trial:
    """What one person would get.

    Attributes:
        event: the id of the event it was tried on; None for samples.
        occurred_at: when that happened.
        recipient: which kind of person it speaks to.
        phone: theirs; None where there is none to write to.
        channel: how it would travel.
        state: the state it would begin in, and why it would not go at once.
    """

    text: str
    size: Segments
    locale: str
    event: str | None = None
    occurred_at: datetime | None = None
    recipient: str | None = None
    phone: str | None = None
    channel: str | None = None
    state: str = "planned"
    reason: str | None = None


def on_events(
    bodies: Iterable[tuple[bytes, str]], subject: Subject, account: Account, text: Text, locale: str, *, now: datetime
) -> list[Trial]:
    """What the first of these events that concerns anybody would tell them; empty if none does.

    Args:
        bodies: bodies and routing keys as they came, the newest first.
        subject: what the text is of.
        account: whose it is.
        text: the text, in whatever version.
        locale: its language: it is tried on everybody, whatever they speak.
        now: the moment it is tried at.
    """
    trigger = trigger_of(subject)
    switch = account.switches.get(trigger.id) or Switch("sms", {})
    if subject.trigger:
        tried = replace(account, switches={trigger.id: replace(switch, texts={locale: text})})
    else:
        custom = Custom(next(iter(subject.sections)), {locale: text})
        tried = replace(account, switches={trigger.id: switch}, customs={subject.name: custom})
    for body, routing_key in bodies:
        event = read(body, routing_key=routing_key, now=now)
        if isinstance(event, Event) and (subject.trigger or word(event.facts.get("template")) == subject.name):
            found = [trial_of(draft, event) for draft in drafts(event, tried, salt=NO_SALT, now=now)]
            if found:
                return found
    return []


def trigger_of(subject: Subject) -> Trigger:
    """The trigger that sends it: its own, or the one of what is sent by hand."""
    return subject.trigger or BY_ID["sms_send_requested"]


def trial_of(draft: Draft, event: Event) -> Trial:
    """What a draft shows."""
    return Trial(
        text=draft.text,
        size=segments(draft.text),
        locale=draft.locale,
        event=event.id,
        occurred_at=event.occurred_at,
        recipient=draft.recipient_kind,
        phone=draft.phone,
        channel=draft.channel,
        state=draft.state,
        reason=draft.reason,
    )

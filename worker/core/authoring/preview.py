"""A text tried out on an event as it came: nothing is stored or sent."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from worker.core.accounts.account import Account, Custom, Switch, Text
from worker.core.authoring.template_scope import Subject
from worker.core.contract.data import Person
from worker.core.contract.event import Event, read
from worker.core.planning.channel import routes
from worker.core.planning.draft import Draft, drafts
from worker.core.texts.masked_values import MaskedValues
from worker.core.texts.render import write
from worker.core.texts.segments import Segments, segments
from worker.core.texts.shortcodes import SAMPLE_ZONE, SAMPLES, Values
from worker.core.texts.viber_message import Viber, filled
from worker.core.triggers.catalogue import BY_ID
from worker.core.triggers.trigger import Trigger

#: Keys are made and thrown away: nobody is recognised by them.
NO_SALT = b"trial"


@dataclass(frozen=True, slots=True)
class Trial:
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
    sender: str = ""
    viber: Viber | None = None


def on_samples(sample: str, text: Text, locale: str, account: Account, channel: str | None) -> Trial:
    plain = Trial(sample, segments(sample), locale)
    if channel is None:
        return plain
    values = Values(SAMPLES, Person(), locale, SAMPLE_ZONE)
    options = partial(filled, text.viber, lambda address: write(address, values).text)
    # `both` is two messages, of which the first is the SMS.
    route = next(routes(channel, account, sample, lane="urgent", options=options))
    reason = route.objection or route.viber_fallback
    return replace(plain, channel=route.channel, sender=route.sender, viber=route.viber, reason=reason)


def on_events(  # noqa: PLR0913 (each is another property of what is tried)
    bodies: Iterable[tuple[bytes, str]],
    subject: Subject,
    account: Account,
    text: Text,
    locale: str,
    *,
    now: datetime,
    channel: str | None = None,
    values: type[Values] = MaskedValues,
) -> list[Trial]:
    """What the first of these events that concerns anybody would send them; empty if none does.

    `bodies` come with their routing keys, the newest first. The text is tried on everybody, whatever they speak, and
    goes by `channel`, if one is given, whatever its trigger is set to. Phones are masked, unless `values` are whole.
    """
    trigger = trigger_of(subject)
    switch = account.switches.get(trigger.id) or Switch("sms", {})
    if channel is not None:
        account = replace(account, viber_instead=False)
        switch = replace(switch, channel=channel)
    if subject.trigger:
        tried = replace(account, switches={trigger.id: replace(switch, texts={locale: text})})
    else:
        custom = Custom(next(iter(subject.sections)), {locale: text})
        tried = replace(account, switches={trigger.id: switch}, customs={subject.name: custom})
    for body, routing_key in bodies:
        event = read(body, routing_key=routing_key, now=now)
        if isinstance(event, Event) and (subject.trigger or event.data.template == subject.name):
            trials = [trial_of(draft, event) for draft in drafts(event, tried, salt=NO_SALT, now=now, values=values)]
            if trials:
                return trials
    return []


def trigger_of(subject: Subject) -> Trigger:
    return subject.trigger or BY_ID["sms_send_requested"]


def trial_of(draft: Draft, event: Event) -> Trial:
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
        reason=draft.reason or draft.viber_fallback,
        sender=draft.sender,
        viber=draft.viber,
    )

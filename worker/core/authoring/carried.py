"""What events of the last days had values for: a shortcode that none of them carried leaves a hole in each text."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from worker.core.accounts.account import Account, Switch
from worker.core.authoring.preview import NO_SALT, trigger_of
from worker.core.authoring.template_scope import Subject
from worker.core.contract.event import Event, read
from worker.core.texts.shortcodes import Values
from worker.core.texts.template import Blank, compile_template
from worker.core.triggers.match import occasion_of
from worker.core.triggers.recipients import recipients_for


def gained(before: str, after: str) -> list[str]:
    """The shortcodes that a text has and had not, in its order."""
    had = compile_template(before).codes
    return [code for code in compile_template(after).codes if code not in had]


def absent(
    bodies: Iterable[tuple[bytes, str]], codes: Iterable[str], subject: Subject, account: Account, *, now: datetime
) -> list[str]:
    """Those of the shortcodes that had no value for anybody in these events; none where they concern nobody.

    `bodies` come with their routing keys, the newest first.
    """
    trigger, left = trigger_of(subject), list(codes)
    switch = account.switches.get(trigger.id) or Switch("sms", {})
    tried = replace(account, switches={trigger.id: switch})
    is_known = False
    for body, routing_key in bodies:
        event = read(body, routing_key=routing_key, now=now)
        if not left or not isinstance(event, Event) or not (subject.trigger or event.data.template == subject.name):
            continue
        data = occasion_of(event, trigger, tried).data
        for recipient in recipients_for(trigger, data, salt=NO_SALT):
            is_known = True
            values = Values(data, recipient.person, account.locale, account.zone)
            left = [code for code in left if not values.of(Blank(code))]
    return left if is_known else []

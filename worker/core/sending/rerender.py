"""A text whose record got newer before it was sent: rendered again with the same template, or dropped."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from worker.core.accounts.account import Account, Text
from worker.core.contract.data import Data, Document, Person, Record
from worker.core.contract.event import Event, Malformed, read
from worker.core.contract.event_types import TYPES
from worker.core.contract.facts import NOTHING, Facts, as_text
from worker.core.planning.draft import MISSING_VALUE, rendered
from worker.core.sending.eligibility import Claimed, Dropped
from worker.core.sending.nudge import NotificationId
from worker.core.texts.shortcodes import Values
from worker.core.triggers.catalogue import BY_ID
from worker.core.triggers.dedupe_key import dedupe_key
from worker.core.triggers.derived_fields import with_ours
from worker.core.triggers.match import NOT_OVERDUE, expiry, is_early
from worker.core.triggers.recipients import on_the_record
from worker.core.triggers.trigger import Trigger

#: Fields that name the change of an event, whatever became of the record since.
OF_THE_CHANGE = frozenset({"version", "change_id"})


@dataclass(frozen=True, slots=True)
class Origin:
    notification_id: NotificationId
    body: bytes
    routing_key: str
    dedupe_key: str
    recipient_kind: str
    recipient_id: str
    locale: str
    channel: str
    template: Text


@dataclass(frozen=True, slots=True)
class Renewed:
    text: str
    expires_at: datetime


def renewed(origin: Origin, row: Claimed, account: Account, *, now: datetime) -> Renewed | Dropped:
    """The text of now. A fact that moved (a booking to another hour) is another fact, with an event of its own."""
    event = read(origin.body, routing_key=origin.routing_key, now=now)
    trigger = BY_ID.get(row.trigger)
    if isinstance(event, Malformed) or trigger is None:
        return Dropped("cancelled", "record_changed")
    newest = with_newest(event, row.record or Record(), trigger)
    somebody = person(newest.data, trigger, origin)
    if dedupe_key(newest, trigger, account, somebody) != origin.dedupe_key:
        return Dropped("cancelled", "record_moved")
    if is_early(newest, trigger, account):
        return Dropped("cancelled", NOT_OVERDUE)
    data, spelling = with_ours(newest, trigger, account), account.spelling_for(origin.channel)
    values_of = partial(Values, data, somebody, origin.locale, row.zone)
    written = rendered(origin.template, values_of, spelling=spelling)
    if written.holes:
        return Dropped("cancelled", MISSING_VALUE)
    until = expiry(newest, trigger, account)
    return Renewed(written.text, until) if written.text else Dropped("cancelled", "blank_text")


def with_newest(event: Event, newest: Record, trigger: Trigger) -> Event:
    """The event as it would be published now: what the newest state does not hold is as it was."""
    name = TYPES[event.type].record_kind_of(event.data)
    if name is None:
        return event
    before = event.data.record(name)
    changed = {name: value for name, value in newest.json.items() if name not in OF_THE_CHANGE}
    after = before.having({**changed, **counted(before, newest, trigger)})
    return replace(event, data=event.data.having(**{name: after}))


def counted(before: Record, newest: Record, trigger: Trigger) -> Facts:
    """`days_left` counts from the day of its own event: it stays with the last day it came with, and goes with it."""
    last = trigger.deadline
    if last is None or not as_text(last.written(newest)):
        return NOTHING
    is_same = last.written(newest) == last.written(before)
    return {"days_left": Document.days_left.written(before) if is_same else None}


def person(data: Data, trigger: Trigger, origin: Origin) -> Person:
    wanted = (origin.recipient_kind, origin.recipient_id)
    named = (*data.recipients, *on_the_record(trigger, data))
    return next((somebody for somebody in named if (somebody.kind, somebody.id) == wanted), Person())

"""One event under one trigger of one account: what holds for all its recipients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from worker.core.accounts.account import Account, Switch
from worker.core.contract.data import Data
from worker.core.contract.event import Event
from worker.core.contract.event_types import TYPES
from worker.core.lanes import lane_for
from worker.core.triggers.dedupe_key import day_of, deadline_of, zone_for
from worker.core.triggers.derived_fields import with_ours
from worker.core.triggers.due_date import end_of
from worker.core.triggers.matching import objection
from worker.core.triggers.trigger import Trigger

#: Why no text calls a day past that lies ahead.
NOT_OVERDUE = "not_overdue"
#: What a trigger's `until` may name besides days: a moment of the event.
MOMENTS: Mapping[str, Callable[[Data], datetime | None]] = {
    "booking.start": lambda data: data.booking.start,
    "meeting.start": lambda data: data.meeting.start,
    "expires_at": lambda data: data.expires_at,
}


@dataclass(frozen=True, slots=True)
class RecordRef:
    record_kind: str
    id: str
    version: int | None
    changed_at: datetime

    def is_newer_than(self, other: RecordRef) -> bool:
        """By the CRM's version where both have one, else by the event's time."""
        if self.version is not None and other.version is not None:
            return self.version > other.version
        return self.changed_at > other.changed_at


@dataclass(frozen=True, slots=True)
class Occasion:
    """What all drafts of an event under a trigger share.

    `objection`: why nobody gets a text; `untrue`: why the record forbids it, until that changes.
    """

    event: Event
    trigger: Trigger
    switch: Switch
    account: Account
    data: Data
    record: RecordRef
    message_class: str
    lane: str
    objection: str | None
    untrue: str | None
    expires_at: datetime


def record_of(event: Event) -> RecordRef:
    """The record an event speaks of; what is sent by hand speaks of the request itself."""
    record_kind = TYPES[event.type].record_kind_of(event.data)
    if record_kind is None:
        return RecordRef("request", event.data.request_id or event.id, None, event.occurred_at)
    record = event.data.record(record_kind)
    return RecordRef(record_kind, record.id, record.version, event.known_at)


def occasion_of(event: Event, trigger: Trigger, account: Account) -> Occasion:
    is_marketing = trigger.message_class == "marketing" or (trigger.is_free and event.data.marketing)
    is_bulk = is_marketing or (trigger.is_free and lane_for(len(event.data.recipients)) is not None)
    switch = account.switches[trigger.id]
    return Occasion(
        event=event,
        trigger=trigger,
        switch=switch,
        account=account,
        data=with_ours(event, trigger, account),
        record=record_of(event),
        message_class="marketing" if is_marketing else trigger.message_class,
        lane="bulk" if is_bulk else trigger.lane,
        objection=objection_to(event, trigger, switch, account),
        untrue=objection(trigger, TYPES[event.type].record_in(event.data), deleted=False),
        expires_at=expiry(event, trigger, account),
    )


def objection_to(event: Event, trigger: Trigger, switch: Switch, account: Account) -> str | None:
    if trigger.muted and trigger.muted(event.data):
        return "do_not_notify"
    if is_early(event, trigger, account):
        return NOT_OVERDUE
    if switch.age_max is not None and trigger.dated:
        dated = trigger.dated.of(TYPES[event.type].record_in(event.data))
        if dated is not None and day_of(event, account) - dated > switch.age_max:
            return "document_too_old"
    return None


def is_early(event: Event, trigger: Trigger, account: Account) -> bool:
    last = deadline_of(event, trigger, account) if trigger.is_of_the_past else None
    return last is not None and last.left > 0


def expiry(event: Event, trigger: Trigger, account: Account) -> datetime:
    late = event.occurred_at + trigger.life
    match trigger.until:
        case None:
            return late
        case "event.day":
            return min(late, end_of(day_of(event, account), zone=zone_for(event, account)))
        case "deadline":
            last = deadline_of(event, trigger, account)
            return late if last is None or last.left < 0 else end_of(last.day, zone=account.zone)
        case name:
            until = MOMENTS[name](event.data)
            return min(late, until.astimezone(UTC)) if until else late

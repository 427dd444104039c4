"""A text as the API answers it: to whom, about what, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from worker.core.contract.phone_mask import masked
from worker.core.history.filters import STATES
from worker.core.outcomes.facts import Named
from worker.core.outcomes.reason import Reason, text_reason
from worker.core.sending.nudge import text_id
from worker.steps.history.why import codes_of_reasons
from worker.store.history.entries import HistoryEntry
from worker.web.api.fields import about


@dataclass(frozen=True, slots=True)
class CausingEvent:
    """The event that led to it."""

    id: Annotated[str, about("The id that the CRM gave it.")]
    type: Annotated[str, about("Its type.", "invoice.overdue")]


@dataclass(frozen=True, slots=True)
class ChannelReport:
    """What TurboSMS reported of one channel."""

    channel: Annotated[str, about("`sms` or `viber`.")]
    status: Annotated[str, about("`accepted`, `sent`, `delivered`, `read`, `undelivered` …")]
    rejected: Annotated[str | None, about("Why the operator, or Viber, did not take it: TurboSMS's own word.")]
    sent_at: Annotated[datetime | None, about("When it went.")]
    updated_at: Annotated[datetime, about("When this was reported.")]
    price: Annotated[str | None, about("Hryvnias.", "0.95")]
    segments: Annotated[int | None, about("How many were paid for.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A text, and what became of it."""

    id: Annotated[str, about("Its id.", "2026-11/123")]
    created_at: Annotated[datetime, about("When it was planned.")]
    trigger: Annotated[str, about("The rule that made it.", "order_created")]
    event: Annotated[CausingEvent | None, about("What led to it; null once it is older than events are kept.")]
    record: Annotated[Named | None, about("The record that it is about.")]
    recipient: Annotated[Named, about("The person that it is for.")]
    name: Annotated[str | None, about("Of the person and the company, as the event wrote it.")]
    client: Annotated[str | None, about("The client of the CRM that the person belongs to.")]
    phone: Annotated[str | None, about("Masked unless `phones=true`; null once it is forgotten.", "+38067***4567")]
    text: Annotated[str, about("As it was sent, or would be.")]
    channel: Annotated[str, about("`sms`, `viber` or `viber_then_sms`.")]
    viber_fallback: Annotated[str | None, about("Why it goes as an SMS though Viber was to be tried first.")]
    segments: Annotated[int, about("Of its SMS.")]
    state: Annotated[str, about("What became of it.", json_schema_extra={"enum": list(STATES)})]
    reason: Annotated[Reason | None, about("Why, where it did not go as it should, or waits.")]
    due_at: Annotated[datetime | None, about("When it is looked at again, while it waits.")]
    reported_at: Annotated[datetime | None, about("When TurboSMS last said what became of it.")]
    price: Annotated[str | None, about("Hryvnias for all channels; null until TurboSMS reports them.", "0.95")]
    message: Annotated[str | None, about("TurboSMS's id of it.")]
    consent: Annotated[str | None, about("What allows advertising: `in_event`, or `recorded` before.")]
    channels: Annotated[list[ChannelReport], about("What TurboSMS reported, channel by channel.")]


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which texts were planned."""

    since: Annotated[datetime, about("The first of them.")]
    until: Annotated[datetime, about("The last of them.")]


@dataclass(frozen=True, slots=True)
class NotificationPage:
    """A page of texts, the newest first."""

    items: list[Notification]
    next: Annotated[str | None, about("The `cursor` of the next page; null: there is none.")]
    unsearched: Annotated[Span | None, about("What a search could not look through yet: ask again later.")]


def notification(entry: HistoryEntry, *, phones: bool) -> Notification:
    phone = entry.phone if phones or entry.phone is None else masked(entry.phone)
    has_event = entry.event_id is not None and entry.event_type is not None
    return Notification(
        id=text_id((entry.month, entry.id)),
        created_at=entry.created_at,
        trigger=entry.trigger,
        event=CausingEvent(entry.event_id or "", entry.event_type or "") if has_event else None,
        record=Named(entry.record_kind, entry.record_id) if entry.record_kind and entry.record_id else None,
        recipient=Named(entry.recipient_kind, entry.recipient_id),
        name=entry.name,
        client=entry.client,
        phone=phone,
        text=entry.text,
        channel=entry.channel,
        viber_fallback=entry.viber_fallback,
        segments=entry.segments,
        state=entry.state,
        reason=text_reason(entry.state, entry.reason, codes_of_reasons([entry.reason])),
        due_at=entry.due_at,
        reported_at=entry.status_at,
        price=None if entry.price is None else f"{entry.price:f}",
        message=entry.message_id,
        consent=entry.consent,
        channels=[report(channel) for channel in entry.channels or ()],
    )


def report(channel: Mapping[str, Any]) -> ChannelReport:
    """Moments are as PostgreSQL's JSON has them."""
    return ChannelReport(**channel)

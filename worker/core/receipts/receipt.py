"""Where a notification goes for what TurboSMS reports, in any order: the best report of each channel counts."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from worker.core.clock.kyiv_time import moment_of
from worker.core.clock.timeouts import SMS_FOLLOWS
from worker.core.planning.channel import HYBRID, SMS, VIBER
from worker.core.receipts.channel_status import (
    ARRIVED,
    CANCELLED,
    LOST,
    ChannelStatus,
    better,
    is_price_final,
    rank,
    reason_of,
)
from worker.core.sending.notification_states import may_move

#: States in which receipts count, from the worst to the best.
STEPS = ("accepted", "sent", "undelivered", "delivered", "read")


@dataclass(frozen=True, slots=True)
class StatusReport:
    """One report of TurboSMS; `sent` and `updated` are Kyiv's local time unless they have an offset."""

    channel: str | None
    status: str
    rejected: str | None = None
    sent: datetime | None = None
    updated: datetime | None = None
    price: Decimal | None = None
    segments: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message as TurboSMS took it, asked for next at `ask_at`; None: never again."""

    accepted_at: datetime
    channels: Mapping[str, ChannelStatus] = field(default_factory=dict[str, ChannelStatus])
    other_statuses: Collection[str] = ()
    ask_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    state: str
    reason: str | None = None


def with_reports(channel: str, message: Message, reports: Iterable[StatusReport], *, now: datetime) -> Message:
    channels, others = dict(message.channels), set(message.other_statuses)
    for report in reports:
        way = way_of(channel, report)
        if way is None:
            others.add(report.status)
        else:
            new = channel_status_of(way, report, since=message.accepted_at, now=now)
            channels[way] = better(channels[way], new) if way in channels else new
    return replace(message, channels=channels, other_statuses=frozenset(others))


def channel_status_of(way: str, report: StatusReport, *, since: datetime, now: datetime) -> ChannelStatus:
    sent = moment_of(report.sent, since=since, now=now)
    updated = moment_of(report.updated, since=since, now=now) or now
    price_status = None if report.price is None else report.status
    return ChannelStatus(
        way, report.status, report.rejected or None, sent, updated, report.price, report.segments, price_status
    )


def delivery_status(channel: str, messages: Collection[Message], *, now: datetime) -> DeliveryStatus:
    statuses = {each.status for message in messages for each in message.channels.values()}
    statuses |= {status for message in messages for status in message.other_statuses}
    for state in ("read", "delivered"):
        if state in statuses:
            return DeliveryStatus(state)
    ends = [end(channel, message, now=now) for message in messages]
    lost = [each for each in ends if each is not None]
    if lost and len(lost) == len(ends):
        return DeliveryStatus(
            "undelivered", reason_of(max(lost, key=lambda each: (rank(each.status), each.rejected or "")))
        )
    return DeliveryStatus("sent" if any(rank(status) >= rank("sent") for status in statuses) else "accepted")


def end(channel: str, message: Message, *, now: datetime) -> ChannelStatus | None:
    """The channel by which a message was lost for good; None while it may still arrive.

    Where Viber did not bring it the SMS follows, but for a message that was cancelled as a whole.
    """
    sms, viber = message.channels.get(SMS), message.channels.get(VIBER)
    if sms is not None and sms.status in LOST:
        return sms
    if viber is None or viber.status not in LOST:
        return None
    if channel == HYBRID and viber.status != CANCELLED:
        return None if sms is not None or now < message.accepted_at + SMS_FOLLOWS else viber
    return viber


def onward(before: DeliveryStatus, status: DeliveryStatus) -> DeliveryStatus | None:
    """The move that a status means; None if it is no news, a step back or not allowed."""
    index = STEPS.index(before.state) if before.state in STEPS else -1
    is_news = STEPS.index(status.state) > index or (status.state == before.state == "undelivered" and status != before)
    return status if is_news and may_move(before.state, status.state) else None


def way_of(channel: str, report: StatusReport) -> str | None:
    """The channel that a report is about; None if it may be either of two."""
    if channel != HYBRID:
        return channel
    return report.channel or (VIBER if report.status == "read" else None)


def needs_details(message: Message) -> bool:
    """Whether only the provider's details show how it goes on: Viber lost it, or one of two channels did."""
    viber = message.channels.get(VIBER)
    is_viber_lost = SMS not in message.channels and viber is not None and viber.status in LOST
    return is_viber_lost or any(status in LOST for status in message.other_statuses)


def is_settled(message: Message) -> bool:
    """Whether there is nothing more to be asked of a message that has its end.

    Every channel has the price of its end, one of them brought it or all lost it, and what Viber brought was read. A
    callback does not say by which channel a hybrid arrived: it may be one that is not known yet.
    """
    channels = message.channels.values()
    has_ended = any(each.status in ARRIVED for each in channels) or all(each.status in LOST for each in channels)
    is_read = all(each.channel != VIBER or each.status != "delivered" for each in channels)
    return bool(channels) and has_ended and is_read and all(is_price_final(each) for each in channels)

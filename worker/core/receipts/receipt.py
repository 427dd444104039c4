"""Where a notification goes for what TurboSMS reports, in any order: the best report of each leg counts."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from worker.core.clock.kyiv_time import moment_of
from worker.core.clock.timeouts import SMS_FOLLOWS
from worker.core.planning.channel import HYBRID, SMS, VIBER
from worker.core.receipts.channel_status import ARRIVED, CANCELLED, LOST, Leg, better, is_price_final, rank, reason_of
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
    accepted_at: datetime
    legs: Mapping[str, Leg] = field(default_factory=dict[str, Leg])
    other_statuses: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    state: str
    reason: str | None = None


def with_reports(channel: str, message: Message, reports: Iterable[StatusReport], *, now: datetime) -> Message:
    legs, others = dict(message.legs), set(message.other_statuses)
    for report in reports:
        way = way_of(channel, report)
        if way is None:
            others.add(report.status)
        else:
            leg = leg_of(way, report, since=message.accepted_at, now=now)
            legs[way] = better(legs[way], leg) if way in legs else leg
    return Message(message.accepted_at, legs, frozenset(others))


def leg_of(way: str, report: StatusReport, *, since: datetime, now: datetime) -> Leg:
    sent = moment_of(report.sent, since=since, now=now)
    updated = moment_of(report.updated, since=since, now=now) or now
    price_status = None if report.price is None else report.status
    return Leg(way, report.status, report.rejected or None, sent, updated, report.price, report.segments, price_status)


def delivery_status(channel: str, messages: Collection[Message], *, now: datetime) -> DeliveryStatus:
    statuses = {leg.status for message in messages for leg in message.legs.values()}
    statuses |= {status for message in messages for status in message.other_statuses}
    for state in ("read", "delivered"):
        if state in statuses:
            return DeliveryStatus(state)
    ends = [end(channel, message, now=now) for message in messages]
    lost = [leg for leg in ends if leg is not None]
    if lost and len(lost) == len(ends):
        return DeliveryStatus(
            "undelivered", reason_of(max(lost, key=lambda leg: (rank(leg.status), leg.rejected or "")))
        )
    return DeliveryStatus("sent" if any(rank(status) >= rank("sent") for status in statuses) else "accepted")


def end(channel: str, message: Message, *, now: datetime) -> Leg | None:
    """The leg with which a message is lost for good; None while it may still arrive.

    Where Viber did not bring it the SMS follows, but for a message that was cancelled as a whole.
    """
    sms, viber = message.legs.get(SMS), message.legs.get(VIBER)
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
    """The leg that a report is about; None if it may be either of two."""
    if channel != HYBRID:
        return channel
    return report.channel or (VIBER if report.status == "read" else None)


def is_in_doubt(message: Message) -> bool:
    """Whether only the provider's details tell how it goes on: Viber did not bring it, or one of two legs was lost."""
    viber = message.legs.get(VIBER)
    is_viber_lost = SMS not in message.legs and viber is not None and viber.status in LOST
    return is_viber_lost or any(status in LOST for status in message.other_statuses)


def is_settled(message: Message) -> bool:
    """Whether there is nothing more to be asked of a message that has its end.

    Every leg has the price of its end, one of them arrived or all were lost, and what Viber brought was read. Of a
    hybrid a callback does not say which leg arrived: it may be one that nobody knows of yet.
    """
    legs = message.legs.values()
    has_ended = any(leg.status in ARRIVED for leg in legs) or all(leg.status in LOST for leg in legs)
    is_read = all(leg.channel != VIBER or leg.status != "delivered" for leg in legs)
    return bool(legs) and has_ended and is_read and all(is_price_final(leg) for leg in legs)

"""The status of a message on one channel that it travels by, as the provider reports it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

#: The words of TurboSMS's status methods from the worst to the best; one that nobody has seen yet comes before all.
STATUSES = (
    "unknown",
    "queued",
    "accepted",
    "sent",
    "undelivered",
    "failed",
    "expired",
    "rejected",
    "cancelled",
    "delivered",
    "read",
)
#: The words of its callbacks, which are SMPP's or spelt otherwise.
SPELT: Mapping[str, str] = {
    "in_queue": "queued",
    "in_process": "accepted",
    "acceptd": "accepted",
    "enroute": "sent",
    "delivrd": "delivered",
    "undeliv": "undelivered",
    "rejectd": "rejected",
    "canceled": "cancelled",
    "deleted": "cancelled",
}
#: Its money came back.
CANCELLED = "cancelled"
LOST = frozenset({"undelivered", "failed", "expired", "rejected", CANCELLED})
ARRIVED = frozenset({"delivered", "read"})
#: Why Viber did not take a message (`rejected_status`), as a reason of ours.
REJECTED: Mapping[str, str] = {
    "SRVC_NOT_VIBER_USER": "not_viber_user",
    "SRVC_USER_BLOCKED": "viber_blocked",
    "SRVC_NO_SUITABLE_DEVICE": "no_viber_device",
}
NOT_VIBER_USER = "not_viber_user"

T = TypeVar("T", str, int, Decimal)
_STATUS_MAX = 40


@dataclass(frozen=True, slots=True)
class ChannelStatus:
    """One channel of a message as TurboSMS reports it.

    `price` is in hryvnias and may change with a later status; `price_status` is the status with which it came.
    """

    channel: str
    status: str
    rejected: str | None = None
    sent_at: datetime | None = None
    updated_at: datetime | None = None
    price: Decimal | None = None
    segments: int | None = None
    price_status: str | None = None


def status_of(status: str) -> str:
    """A provider's word as one of STATUSES, or as itself: lower case, words joined, no longer than 40 characters."""
    plain = "_".join(re.findall(r"[^\W_]+", status.lower()))[:_STATUS_MAX]
    return SPELT.get(plain, plain) or "unknown"


def is_known(status: str) -> bool:
    return status in STATUSES


def rank(status: str) -> int:
    return STATUSES.index(status) if status in STATUSES else 0


def better(left: ChannelStatus, right: ChannelStatus) -> ChannelStatus:
    """What two reports of one channel come to, whichever came first."""
    worse, best = sorted((left, right), key=lambda each: (rank(each.status), each.status))
    is_same = worse.status == best.status
    paid = max((each for each in (left, right) if each.price is not None), key=newness_of_price, default=best)
    return ChannelStatus(
        channel=best.channel,
        status=best.status,
        rejected=most((worse.rejected, best.rejected)) if is_same else best.rejected,
        sent_at=least((worse.sent_at, best.sent_at)),
        updated_at=least((worse.updated_at, best.updated_at)) if is_same else best.updated_at,
        price=paid.price,
        segments=most((worse.segments, best.segments)),
        price_status=paid.price_status,
    )


def newness_of_price(channel: ChannelStatus) -> tuple[int, str, Decimal]:
    price_status = channel.price_status or ""
    return rank(price_status), price_status, channel.price or Decimal(0)


def is_price_final(channel: ChannelStatus) -> bool:
    """Whether the price came with the final status of its channel; reading changes it no more."""
    price_status = channel.price_status or ""
    is_of_its_end = rank(price_status) >= min(rank(channel.status), rank("delivered"))
    return channel.price is not None and price_status in LOST | ARRIVED and is_of_its_end


def least(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def most(values: Iterable[T | None]) -> T | None:
    return max((value for value in values if value is not None), default=None)


def reason_of(channel: ChannelStatus) -> str:
    return REJECTED.get(channel.rejected or "", channel.status)

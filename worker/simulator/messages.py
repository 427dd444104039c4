"""A message from what a request asks for to its way by each channel it takes, laid down when it is created."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from worker.simulator.fates import VIBER_REFUSALS, Fate, walk_of
from worker.simulator.settings import Switches

Channel = Literal["sms", "viber"]

#: How long Viber tries by default (https://turbosms.ua/en/api.html).
_VIBER_LIFE_S = 3600
_LOST = frozenset({"Expired", "Undelivered", "Rejected", "Failed"})
_ENDED = _LOST | {"Delivered", "Read", "Cancelled"}
#: What costs nothing in the end; that a lost Viber message does not is our assumption.
_FREE: Mapping[Channel, frozenset[str]] = {"sms": frozenset({"Cancelled"}), "viber": _LOST | {"Cancelled"}}


@dataclass(frozen=True, slots=True)
class Mailing:
    """What a request asks for that passed every check.

    Attributes:
        sender, text: of a hybrid, those of its SMS.
        viber: what was asked for Viber, if anything, its sender and text among it.
        hybrid_ttl: how long the SMS of a hybrid waits for Viber, in seconds.
        due_at: seconds since the epoch.
        price: UAH for each recipient.
    """

    channel: Literal["sms", "viber", "viber_then_sms"]
    sender: str
    text: str
    viber: Mapping[str, object] | None
    hybrid_ttl: int | None
    segments: int
    price: Decimal
    sequence_id: str | None
    due_at: float


@dataclass(frozen=True, slots=True)
class ChannelTimeline:
    """One channel of a message.

    Attributes:
        steps: each status with the moment it is reached; the first is when the channel begins.
        price: UAH, for all segments.
        rejected: why Viber turns it down, if it does.
    """

    channel: Channel
    steps: tuple[tuple[str, float], ...]
    price: Decimal
    segments: int
    rejected: str = ""

    def reached(self, now: float) -> int:
        return sum(at <= now for _, at in self.steps[1:])

    def cost(self, status: str) -> Decimal:
        """What is paid for it at a status."""
        return Decimal(0) if status in _FREE[self.channel] else self.price


@dataclass(frozen=True, slots=True)
class Message:
    """One message that the provider took, for an account of that name.

    Its price is paid when it is created, in seconds since the epoch; what its channels do not cost comes back when all
    are over.
    """

    number: int
    message_id: str
    account: str
    recipient: str
    created_at: float
    mailing: Mailing
    channels: tuple[ChannelTimeline, ...]


def channels_of(mailing: Mailing, created_at: float, fate: Fate, switches: Switches) -> tuple[ChannelTimeline, ...]:
    """The channels that a message will have had when everything is over."""
    if mailing.viber is None:
        return (_sms(mailing, fate, switches, begins=created_at, due_at=mailing.due_at),)
    ttl = mailing.viber.get("ttl")
    life_s = ttl if isinstance(ttl, int) else _VIBER_LIFE_S
    first = _viber(mailing, fate, switches, created_at=created_at, life_s=life_s)
    if mailing.channel == "viber":
        return (first,)
    wait_s = life_s if mailing.hybrid_ttl is None else mailing.hybrid_ttl
    begins = _handover(first, mailing.due_at + wait_s)
    return (first,) if begins is None else (first, _sms(mailing, fate, switches, begins=begins, due_at=begins))


def over_at(channels: tuple[ChannelTimeline, ...]) -> float:
    """When nothing more will happen."""
    return max(at for channel in channels for _, at in channel.steps)


def cost_of(channels: tuple[ChannelTimeline, ...]) -> Decimal:
    """What is paid for all of it in the end."""
    return sum((channel.cost(channel.steps[-1][0]) for channel in channels), start=Decimal(0))


def _sms(mailing: Mailing, fate: Fate, switches: Switches, *, begins: float, due_at: float) -> ChannelTimeline:
    steps = (("Queued", begins), *((status, due_at + after) for status, after in walk_of(fate.sms, switches)))
    return ChannelTimeline("sms", steps, switches.price * mailing.segments, mailing.segments)


def _viber(mailing: Mailing, fate: Fate, switches: Switches, *, created_at: float, life_s: float) -> ChannelTimeline:
    walk = walk_of(fate.viber, switches)
    if fate.viber == "silent":
        walk = (*walk, ("Expired", max(life_s, walk[-1][1])))
    steps = (("Queued", created_at), *((status, mailing.due_at + after) for status, after in walk))
    rejected = VIBER_REFUSALS.get(fate.viber, "") if isinstance(fate.viber, str) else ""
    return ChannelTimeline("viber", steps, switches.viber_price, 1, rejected)


def _handover(viber: ChannelTimeline, patience_ends_at: float) -> float | None:
    """When the SMS goes instead: once Viber has lost the message, or been silent for long enough."""
    status, ended_at = next(((name, at) for name, at in viber.steps if name in _ENDED), ("", patience_ends_at))
    if ended_at > patience_ends_at or not status:
        return patience_ends_at
    return ended_at if status in _LOST else None

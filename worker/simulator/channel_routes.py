"""The way of a message by each channel it takes, laid down when it is created; a hybrid may take two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from worker.simulator.fates import VIBER_REFUSALS, Fate, walk_of
from worker.simulator.settings import Switches

Channel = Literal["sms", "viber"]

#: How long Viber tries where nobody says (https://turbosms.ua/en/api.html).
_VIBER_LIFE_S = 3600
_LOST = frozenset({"Expired", "Undelivered", "Rejected", "Failed"})
_ENDED = _LOST | {"Delivered", "Read", "Cancelled"}
#: What costs nothing in the end; that a lost Viber message does not is our assumption.
_FREE: Mapping[Channel, frozenset[str]] = {"sms": frozenset({"Cancelled"}), "viber": _LOST | {"Cancelled"}}


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of the channels.

    Attributes:
        channel: `sms`, `viber` or `viber_then_sms`.
        viber_life_s: how long Viber may try.
        wait_s: how long the SMS of a hybrid waits for Viber.
        segments: of the SMS.
        created_at, due_at: seconds since the epoch.
    """

    channel: str
    viber_life_s: float
    wait_s: float
    segments: int
    created_at: float
    due_at: float


@dataclass(frozen=True, slots=True)
class Leg:
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
        """How many steps it has made."""
        return sum(at <= now for _, at in self.steps[1:])

    def cost(self, status: str) -> Decimal:
        """What is paid for it at a status."""
        return Decimal(0) if status in _FREE[self.channel] else self.price


def ask_of(channel: str, viber: Mapping[str, object] | None, hybrid_ttl: int | None) -> tuple[float, float]:
    """How long Viber may try, and how long a hybrid's SMS waits for it."""
    ttl = None if viber is None or channel == "sms" else viber.get("ttl")
    life = ttl if isinstance(ttl, int) else _VIBER_LIFE_S
    return life, life if hybrid_ttl is None else hybrid_ttl


def legs_of(ask: Ask, fate: Fate, switches: Switches) -> tuple[Leg, ...]:
    """The legs that a message will have had when everything is over."""
    if ask.channel == "sms":
        return (_sms(ask, fate, switches, begins=ask.created_at, due_at=ask.due_at),)
    first = _viber(ask, fate, switches)
    begins = None if ask.channel == "viber" else _handover(first, ask.due_at + ask.wait_s)
    return (first,) if begins is None else (first, _sms(ask, fate, switches, begins=begins, due_at=begins))


def over_at(legs: tuple[Leg, ...]) -> float:
    """When nothing more will happen."""
    return max(at for leg in legs for _, at in leg.steps)


def cost_of(legs: tuple[Leg, ...]) -> Decimal:
    """What is paid for all of it in the end."""
    return sum((leg.cost(leg.steps[-1][0]) for leg in legs), start=Decimal(0))


def _sms(ask: Ask, fate: Fate, switches: Switches, *, begins: float, due_at: float) -> Leg:
    steps = (("Queued", begins), *((status, due_at + after) for status, after in walk_of(fate.sms, switches)))
    return Leg("sms", steps, switches.price * ask.segments, ask.segments)


def _viber(ask: Ask, fate: Fate, switches: Switches) -> Leg:
    walk = walk_of(fate.viber, switches)
    if fate.viber == "silent":
        walk = (*walk, ("Expired", max(ask.viber_life_s, walk[-1][1])))
    steps = (("Queued", ask.created_at), *((status, ask.due_at + after) for status, after in walk))
    rejected = VIBER_REFUSALS.get(fate.viber, "") if isinstance(fate.viber, str) else ""
    return Leg("viber", steps, switches.viber_price, 1, rejected)


def _handover(viber: Leg, patience_ends_at: float) -> float | None:
    """When the SMS goes instead: once Viber has lost the message, or been silent for long enough."""
    status, ended_at = next(((name, at) for name, at in viber.steps if name in _ENDED), ("", patience_ends_at))
    if ended_at > patience_ends_at or not status:
        return patience_ends_at
    return ended_at if status in _LOST else None

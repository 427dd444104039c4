"""What texts may cost, counted before anybody knows what they did cost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from worker.core.accounts.price import Prices
from worker.core.planning.channel import HYBRID, SMS, VIBER

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Spent:
    """Hryvnias, and segments; a Viber message counts as one."""

    cost: Decimal = NOTHING
    segments: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.cost + other.cost, self.segments + other.segments)

    def times(self, texts: int) -> Spent:
        return Spent(self.cost * texts, self.segments * texts)


def expected(channel: str, segments: int, prices: Prices) -> Spent:
    """What a text may cost, at most: of a hybrid both messages.

    An unknown price is nothing, but for Viber's, which is taken for a segment's.
    """
    sms = prices.sms.amount or NOTHING
    by_sms = Spent(sms * segments, segments) if channel in {SMS, HYBRID} else Spent()
    by_viber = Spent(sms if prices.viber.amount is None else prices.viber.amount, 1)
    return by_sms + by_viber if channel in {VIBER, HYBRID} else by_sms

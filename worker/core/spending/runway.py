"""How long an account's money lasts, by what was spent lately."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

#: Spending is looked at over the last day and over the last hours, and the faster counts: an evening of mailing is seen
#: at once, and a quiet night does not promise a quiet day.
SPANS = (timedelta(hours=24), timedelta(hours=3))
#: A shorter time is no measure of an hour.
KNOWN_MIN = timedelta(hours=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Balance:
    at: datetime
    money: Decimal


def hours_left(known: Iterable[Balance], *, now: datetime) -> float | None:
    """Hours until the money is spent; None where nothing was spent, or too little is known.

    Only falls count: what came in between, or back, was not spent.
    """
    samples = sorted((balance for balance in known if balance.at <= now), key=lambda balance: balance.at)
    if not samples:
        return None
    fastest = max(per_hour([balance for balance in samples if balance.at >= now - span], now=now) for span in SPANS)
    money = max(samples[-1].money, Decimal(0))
    return float(money) / fastest if fastest > 0 else None


def per_hour(samples: Sequence[Balance], *, now: datetime) -> float:
    if not samples or now - samples[0].at < KNOWN_MIN:
        return 0.0
    falls = sum((max(before.money - after.money, Decimal(0)) for before, after in pairwise(samples)), Decimal(0))
    return float(falls) / ((now - samples[0].at) / HOUR)

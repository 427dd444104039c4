"""What a text costs: the price that an admin set, else what TurboSMS lately charged."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median_low

#: So many messages a price is learned from: few enough to notice a new price soon, too many for an odd one to matter.
RECENT = 25


@dataclass(frozen=True, slots=True)
class Price:
    """Hryvnias for a segment or a Viber message, None if unknown; `source` is `set`, `learned` or `unknown`."""

    amount: Decimal | None = None
    source: str = "unknown"


UNKNOWN = Price()


@dataclass(frozen=True, slots=True)
class Prices:
    sms: Price = UNKNOWN
    viber: Price = UNKNOWN


def price_of(given: Decimal | None, learned: Decimal | None) -> Price:
    """Prefer the price that an admin set."""
    if given is not None:
        return Price(given, "set")
    return UNKNOWN if learned is None else Price(learned, "learned")


def typical(recent: Sequence[Decimal]) -> Decimal | None:
    """The price in the middle of these, which one odd message does not move; free ones do not count."""
    charged = [price for price in recent if price > 0]
    return median_low(charged) if charged else None

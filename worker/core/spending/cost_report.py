"""What messages cost in all: known where TurboSMS gave each price, else marked as estimated."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol, Self, TypeVar

from worker.core.accounts.price import Prices
from worker.core.spending.cost_estimate import expected

#: Spans of time, each by the day it begins with.
PERIODS = ("day", "week", "month")
#: What a report may be split by.
PARTS = ("account", "trigger", "channel", *PERIODS)


@dataclass(frozen=True, slots=True)
class Taken:
    """Messages that TurboSMS took: `known` hryvnias for `known_messages`; `open_segments` have no price yet."""

    account: str
    day: date
    trigger: str
    channel: str
    messages: int
    segments: int
    known: Decimal
    known_messages: int
    open_segments: int


@dataclass(frozen=True, slots=True)
class Summed:
    """What is added up field by field."""

    def __add__(self, other: Self) -> Self:
        sums = {field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(self)}
        return replace(self, **sums)


@dataclass(frozen=True, slots=True)
class Tally(Summed):
    """Messages and hryvnias: known, or estimated by the usual price; `unpriced_messages` have none at all."""

    messages: int = 0
    segments: int = 0
    known: Decimal = Decimal(0)
    estimated: Decimal = Decimal(0)
    estimated_messages: int = 0
    unpriced_messages: int = 0

    @property
    def cost(self) -> Decimal:
        return self.known + self.estimated


def tally_of(taken: Taken, prices: Prices) -> Tally:
    open_messages = taken.messages - taken.known_messages
    one_segment = expected(taken.channel, 1, prices)
    base = expected(taken.channel, 0, prices).cost
    per_segment = one_segment.cost - base
    has_price = one_segment.cost > 0
    return Tally(
        messages=taken.messages,
        segments=taken.segments,
        known=taken.known,
        estimated=base * open_messages + per_segment * taken.open_segments,
        estimated_messages=open_messages if has_price else 0,
        unpriced_messages=0 if has_price else open_messages,
    )


def added_up(rows: Iterable[Taken], prices: Mapping[str, Prices], by: Collection[str]) -> dict[tuple[str, ...], Tally]:
    return summed(((taken, tally_of(taken, prices.get(taken.account, Prices()))) for taken in rows), by, Tally())


Sum = TypeVar("Sum", bound=Summed)


def summed(items: Iterable[tuple[Dated, Sum]], by: Collection[str], nothing: Sum) -> dict[tuple[str, ...], Sum]:
    """Add up by these parts, which name each sum in the order of PARTS."""
    parts = [part for part in PARTS if part in by]
    sums: dict[tuple[str, ...], Sum] = {}
    for item, tally in items:
        key = tuple(part_of(item, part) for part in parts)
        sums[key] = sums.get(key, nothing) + tally
    return dict(sorted(sums.items()))


class Dated(Protocol):
    """What a report adds up: an account's, a trigger's, a channel's and a day's."""

    @property
    def day(self) -> date: ...


def part_of(item: Dated, part: str) -> str:
    match part:
        case "account" | "trigger" | "channel":
            return str(getattr(item, part))
        case "week":
            return (item.day - timedelta(days=item.day.weekday())).isoformat()
        case "month":
            return item.day.replace(day=1).isoformat()
        case _:
            return item.day.isoformat()

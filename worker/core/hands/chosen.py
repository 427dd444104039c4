"""Texts that somebody chose to act on: counted and named at one moment, so that none that came later is touched."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from worker.core.accounts.price import Prices
from worker.core.planning.channel import HYBRID, SMS, VIBER
from worker.core.sending.nudge import NotificationId
from worker.core.spending.cost_estimate import Spent, expected
from worker.core.unsearched import Unsearched


@dataclass(frozen=True, slots=True)
class Group:
    """Chosen texts of one month, account, trigger, state and channel, by number."""

    month: date
    account: str
    trigger: str
    state: str
    channel: str
    numbers: array[int]
    segments: int
    oldest: datetime
    newest: datetime

    def cost(self, prices: Prices) -> Spent:
        """What these may cost at most; what has no known price costs nothing."""
        texts = len(self.numbers)
        by_sms = expected(SMS, self.segments, prices) if self.channel in {SMS, HYBRID} else Spent()
        return by_sms + (expected(VIBER, 0, prices).times(texts) if self.channel in {VIBER, HYBRID} else Spent())


@dataclass(frozen=True, slots=True)
class Chosen:
    """Texts as they were when they were shown; `unsearched` could not be looked through, and is not among them."""

    groups: tuple[Group, ...] = ()
    unsearched: Unsearched | None = None

    def __len__(self) -> int:
        return sum(len(group.numbers) for group in self.groups)

    @property
    def accounts(self) -> list[str]:
        return sorted({group.account for group in self.groups})

    @property
    def oldest(self) -> datetime | None:
        return min((group.oldest for group in self.groups), default=None)

    @property
    def newest(self) -> datetime | None:
        return max((group.newest for group in self.groups), default=None)

    def cost(self, prices: Mapping[str, Prices]) -> Spent:
        return sum((group.cost(prices[group.account]) for group in self.groups), Spent())

    def count_by(self, name: Literal["trigger", "state"]) -> dict[str, int]:
        """The most frequent first."""
        counts: Counter[str] = Counter()
        for group in self.groups:
            counts[group.trigger if name == "trigger" else group.state] += len(group.numbers)
        return dict(counts.most_common())

    def only(self, *states: str) -> Chosen:
        return replace(self, groups=tuple(group for group in self.groups if group.state in states))

    def parts(self, size: int) -> Iterator[tuple[str, list[NotificationId]]]:
        """The ids, at most `size` of one account at once."""
        for group in self.groups:
            for first in range(0, len(group.numbers), size):
                yield group.account, [(group.month, number) for number in group.numbers[first : first + size]]

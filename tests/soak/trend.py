"""Whether a series of samples is flat or grows, and the limits that decide it: all of them are here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

#: The first part of a run fills caches, pools and pages, and is not judged.
WARMING = 0.3
#: More points are taken together before slopes are looked at: all pairs of so many are.
POINTS = 60


@dataclass(frozen=True, slots=True)
class Limit:
    """How much a figure may rise from the end of the warming to the end of the run, by the slope of all between.

    Both must be passed to be growth: the least rise that means something, and its share of what is usual.
    """

    least: float
    share: float
    unit: str
    digits: int = 1


MEMORY = Limit(least=8, share=0.10, unit="MB")
READY_IN = "ready in "
READY = Limit(least=100, share=0.5, unit="messages", digits=0)
LIMITS: Mapping[str, Limit] = {
    "oldest waits": Limit(least=2, share=0.5, unit="s"),
    "sessions of PostgreSQL": Limit(least=4, share=0.15, unit="sessions", digits=0),
    "connections of RabbitMQ": Limit(least=4, share=0.15, unit="connections", digits=0),
    "dead tuples": Limit(least=10, share=0.5, unit="% of all"),
    "ledger, of a text": Limit(least=300, share=0.10, unit="bytes", digits=0),
    "its indexes, of a text": Limit(least=300, share=0.15, unit="bytes", digits=0),
    "queues in tables": Limit(least=16, share=0.25, unit="MB"),
}


@dataclass(frozen=True, slots=True)
class Trend:
    """What a series does: the middle value, the highest, and the rise by its slope from the warming to the end."""

    usual: float
    most: float
    rise: float
    is_flat: bool


def limit_of(name: str) -> Limit:
    """Whatever is in no list is a queue, or the memory of a process."""
    return READY if name.startswith(READY_IN) else LIMITS.get(name, MEMORY)


def trend(moments: Sequence[float], values: Sequence[float], limit: Limit) -> Trend:
    """The slope is the middle one of those between all pairs of points (Theil and Sen): outliers do not bend it."""
    begin = moments[0] + WARMING * (moments[-1] - moments[0]) if moments else 0.0
    judged = [(at, value) for at, value in zip(moments, values, strict=True) if at >= begin]
    points = gathered(judged)
    slopes = [(last - first) / (after - before) for (before, first), (after, last) in combinations(points, 2)]
    rise = median(slopes) * (points[-1][0] - points[0][0]) if slopes else 0.0
    usual = median(value for _, value in judged) if judged else 0.0
    is_flat = rise <= limit.least or rise <= limit.share * usual
    return Trend(usual, max(values, default=0.0), rise, is_flat)


def gathered(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most POINTS of them, each the middle of its neighbours."""
    width = max(1, -(-len(points) // POINTS))
    groups = [points[at : at + width] for at in range(0, len(points), width)]
    return [(median(at for at, _ in group), median(value for _, value in group)) for group in groups]

"""What a search has left out."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Unsearched:
    """What was planned in this time was not searched: it is not entered yet, and too much to be looked through."""

    since: datetime
    until: datetime


def joined(one: Unsearched | None, other: Unsearched | None) -> Unsearched | None:
    """The time from the first to the last of what was not searched."""
    if not (one and other):
        return one or other
    return Unsearched(min(one.since, other.since), max(one.until, other.until))

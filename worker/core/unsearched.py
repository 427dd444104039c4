"""What a search has left out."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Unsearched:
    """What was planned in this time was not searched: it is not entered yet, and too much to be looked through."""

    since: datetime
    until: datetime


def joined(first: Unsearched | None, second: Unsearched | None) -> Unsearched | None:
    """The time from the first to the last of what was not searched."""
    if not (first and second):
        return first or second
    return Unsearched(min(first.since, second.since), max(first.until, second.until))

"""What people pause by hand: all texts, or those of a trigger, a lane or a channel; of one account, or of every one.

It stands beside what is paused by itself: neither ends the other. Only a person ends it, or the moment that they named.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from worker.core.clock.timeouts import STOP_WAIT
from worker.core.planning.channel import HYBRID, SMS, VIBER

#: The scope of all texts, and the beginning of the others' names.
HAND = "hand"
#: The reason of such a pause, and that of a text that waits for its end.
BY_HAND = "by_hand"
PAUSED = "paused"
#: A text that goes by Viber first may end as an SMS: whichever is paused, it waits.
TRAVELS_BY: Mapping[str, tuple[str, ...]] = {HYBRID: (SMS, VIBER)}

#: Paused scopes, and when each ends by itself.
Ends = Mapping[str, datetime | None]


def hand_scope(*, trigger: str | None = None, lane: str | None = None, channel: str | None = None) -> str:
    """Name what is paused; at most one of these is given."""
    named = {"trigger": trigger, "lane": lane, "channel": channel}
    return "/".join((HAND, *(f"{kind}/{name}" for kind, name in named.items() if name is not None)))


def is_by_hand(scope: str) -> bool:
    return scope.partition("/")[0] == HAND


def scopes_of(trigger: str, lane: str, channel: str) -> Iterator[str]:
    """Name everything whose pause holds a text."""
    yield HAND
    yield hand_scope(trigger=trigger)
    yield hand_scope(lane=lane)
    yield from (hand_scope(channel=part) for part in TRAVELS_BY.get(channel, (channel,)))


def held_until(ends: Ends, trigger: str, lane: str, channel: str, *, now: datetime) -> datetime | None:
    """When a text that waits for one of these pauses is looked at again; None: nothing holds it."""
    latest = now + STOP_WAIT
    over = [ends[scope] or latest for scope in scopes_of(trigger, lane, channel) if scope in ends]
    return max((min(moment, latest) for moment in over if moment > now), default=None)

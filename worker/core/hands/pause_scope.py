"""What holds a text: what is paused by itself, and beside it what people pause by hand.

By hand are paused all texts, or those of a trigger, a lane or a channel; of one account, or of every one. Neither ends
the other: what is paused by hand only a person ends, or the moment that they named.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from worker.core.clock.timeouts import STOP_WAIT
from worker.core.planning.channel import HYBRID, SMS, VIBER
from worker.core.sending.pause import ACCOUNT, PROVIDER, of_person, of_trigger

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


def hand_scopes_of(trigger: str, lane: str, channel: str) -> Iterator[str]:
    """Name everything whose pause by hand holds a text."""
    yield HAND
    yield hand_scope(trigger=trigger)
    yield hand_scope(lane=lane)
    yield from (hand_scope(channel=part) for part in TRAVELS_BY.get(channel, (channel,)))


def own_scopes_of(trigger: str, channel: str, recipient_key: bytes | None) -> Iterator[str]:
    """Name what is paused by itself of an account and holds a text: its trigger, its person, Viber."""
    yield of_trigger(trigger)
    if recipient_key is not None:
        yield of_person(recipient_key)
    if channel == VIBER:
        yield VIBER


def scopes_of(trigger: str, lane: str, channel: str, recipient_key: bytes | None = None) -> frozenset[str]:
    """Name everything whose pause holds a text, of its person if they are given."""
    own, by_hand = own_scopes_of(trigger, channel, recipient_key), hand_scopes_of(trigger, lane, channel)
    return frozenset({ACCOUNT, PROVIDER, *own, *by_hand})


def held_until(ends: Ends, trigger: str, lane: str, channel: str, *, now: datetime) -> datetime | None:
    """When a text that waits for one of these pauses is looked at again; None: nothing holds it."""
    latest = now + STOP_WAIT
    over = [ends[scope] or latest for scope in hand_scopes_of(trigger, lane, channel) if scope in ends]
    return max((min(moment, latest) for moment in over if moment > now), default=None)

"""The pace of an account, shared by every replica: who may be POSTed when, and who waits in line.

GCRA (ITU-T I.371, Annex A) over requests and over segments: `requests_at` is the moment from which the next request
conforms. A lane may book only as far ahead as its horizon, so bulk never keeps urgent waiting for longer than bulk's
own. What finds no room waits in its lane's line: each comes due one pace after the one before.

Lines are kept for the order, not for speed. Of 1,500 texts of which 20 may go a second, with two urgent ones a second
beside them, one in twenty is overtaken by 6 to 7 seconds' worth of later ones, and by 36 to 44 where what finds no room
comes due a second later and no line is kept. Claims (2.6 a text) and CPU with the servers (12.7 ms a text) are then the
same: the middle of three pairs of `make bench ARGS="--only burst"` on 2 cores, 2026-11-30. Without urgent ones, lines
save claims (2.0 against 2.8 a text, one pair) and no CPU.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from worker.core.accounts.account import Rate
from worker.core.clock.timeouts import LINE_MAX, RATE_RECOVERY
from worker.core.lanes import LANES

#: A slot that is further ahead is not booked while an event is accepted.
SOON = timedelta(seconds=0.5)
#: However often the provider complains, an account goes no slower than its pace divided by this.
SLOWDOWN_MAX = 32.0


@dataclass(frozen=True, slots=True)
class Pace:
    """The pace of an account: from when the next request conforms, and how much slower than its rate it goes.

    `slowed_until` is the end of the last pause that the provider asked for (438).
    """

    requests_at: datetime
    segments_at: datetime
    slowed_until: datetime
    slowdown: float
    lines: Mapping[str, datetime]

    def slowdown_at(self, now: datetime) -> float:
        """How many times slower than its rate it goes now: half as much slower with every minute of peace."""
        peace = max(now - self.slowed_until, timedelta())
        return max(1.0, self.slowdown * 0.5 ** (peace / RATE_RECOVERY))


@dataclass(frozen=True, slots=True)
class Demand:
    """One request that wants to go; `is_in_line` if it has waited for its turn already."""

    segments: int
    is_in_line: bool = False


@dataclass(frozen=True, slots=True)
class Booked:
    at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """The pace has room for it, but too many POSTs are under way."""


@dataclass(frozen=True, slots=True)
class InLine:
    until: datetime


Slot = Booked | Held | InLine


class Book(Protocol):
    """Books slots for demands of one lane, in their order; the pace afterwards."""

    def __call__(
        self, pace: Pace, rate: Rate, lane: str, demands: Sequence[Demand], *, room: int, now: datetime
    ) -> tuple[tuple[Slot, ...], Pace]: ...


def book(
    pace: Pace, rate: Rate, lane: str, demands: Sequence[Demand], *, room: int, now: datetime
) -> tuple[tuple[Slot, ...], Pace]:
    """A slot for each demand of one lane, in their order, and the pace afterwards; at most `room` go."""
    horizon = LANES[lane].horizon
    has_line = pace.lines[lane] > now + horizon
    slots: list[Slot] = []
    here = ahead = pace
    is_full = False
    for demand in demands:
        at = conforming(ahead, now)
        may_go = at <= now + horizon and (demand.is_in_line or not has_line)
        if may_go and room > 0:
            ahead = advanced(ahead, rate, demand, at=at, now=now)
            room, here = room - 1, replace(ahead, lines=here.lines)
            slots.append(Booked(at))
        elif may_go or is_full:
            # Nobody behind it may wait in a line that it would have to join later.
            is_full = True
            slots.append(Held())
        elif demand.is_in_line and at <= now + horizon + max(horizon, cost(pace, rate, demand, now=now)):
            # The head of the line, whose turn others took: next, and before whoever comes meanwhile.
            ahead = advanced(ahead, rate, demand, at=at, now=now)
            turn_ends = max(here.lines[lane], at + cost(pace, rate, demand, now=now))
            here = replace(here, lines={**here.lines, lane: turn_ends})
            slots.append(InLine(at - horizon))
        else:
            turn = min(max(here.lines[lane], at), now + LINE_MAX)
            # At full pace, for that is what an account that was slowed comes back to.
            after = turn + max(costs(rate, demand, slowdown=1.0))
            here = replace(here, lines={**here.lines, lane: after})
            slots.append(InLine(turn - horizon))
    return tuple(slots), here


def book_soon(
    pace: Pace, rate: Rate, lane: str, demands: Sequence[Demand], *, room: int, now: datetime
) -> tuple[tuple[Slot, ...], Pace]:
    """Slots for the first of these demands, at most SOON ahead; once one has no room, it and all behind it are held.

    Where there is a line, nobody goes past it.
    """
    horizon = LANES[lane].horizon
    slots: list[Slot] = []
    if pace.lines[lane] <= now + horizon:
        for demand in demands[: max(room, 0)]:
            at = conforming(pace, now)
            if at > now + min(SOON, horizon):
                break
            pace = advanced(pace, rate, demand, at=at, now=now)
            slots.append(Booked(at))
    return (*slots, *(Held() for _ in demands[len(slots) :])), pace


def reserve_query(pace: Pace, rate: Rate, *, now: datetime) -> tuple[datetime, Pace] | None:
    """A moment for a query that sends nothing, and the pace afterwards; None: there is no room for it.

    It goes as bulk does, but never waits in line: it is tried another time.
    """
    at = max(now, pace.requests_at)
    if at > now + LANES["bulk"].horizon:
        return None
    return at, replace(pace, requests_at=at + cost(pace, rate, Demand(0), now=now))


def room_of(lane: str, *, in_flight: int, under_way: int) -> int:
    """How many more POSTs of a lane may be under way: one place stays free for each lane before it, if there are any.

    Else bulk would fill every place under a slow provider, and urgent would wait for whole POSTs of it.
    """
    kept = min(tuple(LANES).index(lane), in_flight - 1)
    return in_flight - kept - under_way


def segments_max(rate: Rate, lane: str) -> float:
    """Segments that one POST of a lane may hold: no more than go within its horizon, else it would delay others."""
    return LANES[lane].horizon.total_seconds() * rate.segments_per_s if rate.segments_per_s else math.inf


def conforming(pace: Pace, now: datetime) -> datetime:
    return max(now, pace.requests_at, pace.segments_at)


def advanced(pace: Pace, rate: Rate, demand: Demand, *, at: datetime, now: datetime) -> Pace:
    requests, segments = costs(rate, demand, slowdown=pace.slowdown_at(now))
    return replace(pace, requests_at=at + requests, segments_at=at + segments)


def cost(pace: Pace, rate: Rate, demand: Demand, *, now: datetime) -> timedelta:
    return max(costs(rate, demand, slowdown=pace.slowdown_at(now)))


def costs(rate: Rate, demand: Demand, *, slowdown: float) -> tuple[timedelta, timedelta]:
    request = timedelta(seconds=slowdown / rate.requests_per_s)
    segments = demand.segments / rate.segments_per_s if rate.segments_per_s else 0.0
    return request, timedelta(seconds=slowdown * segments)


def slowed(pace: Pace, *, wait: timedelta, now: datetime) -> Pace:
    """The pace once the provider has complained: nothing is booked for `wait`, then at half the pace.

    Complaints that come within that wait answer requests that were under way: they are one complaint, and the same
    pace comes back.
    """
    if now < pace.slowed_until:
        return pace
    until = now + wait
    slowdown = min(2 * pace.slowdown_at(now), SLOWDOWN_MAX)
    return replace(pace, requests_at=max(pace.requests_at, until), slowed_until=until, slowdown=slowdown)

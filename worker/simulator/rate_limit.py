"""How many requests a second the simulated provider bears before it answers 438 for a while."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """One account's requests in the second they fell into, and until when it is held off."""

    second: int = 0
    requests: int = 0
    held_until: float = 0.0


def paced(pace: Pace, now: float, *, per_second: int, penalty_s: float) -> Pace:
    """The pace after one more request at `now`; it is refused while `now < held_until`."""
    if now < pace.held_until:
        return pace
    second = int(now)
    requests = pace.requests + 1 if second == pace.second else 1
    return Pace(second, requests, now + penalty_s if requests > per_second else 0.0)

"""Accounts whose queues refuse: left alone for a second, and twice as long after each refusal, up to a minute."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

FIRST_S, LONGEST_S = 1.0, 60.0


@dataclass(slots=True)
class Refusals:
    """Who refused how often in a row, and until when they are left alone, by the caller's steady clock."""

    _times: dict[str, int] = field(default_factory=dict[str, int])
    _until: dict[str, float] = field(default_factory=dict[str, float])

    def are_over(self, account: str, *, now: float) -> bool:
        return self._until.get(account, now) <= now

    def note(self, account: str, *, is_refused: bool, now: float) -> None:
        if not is_refused:
            self._times.pop(account, None)
            self._until.pop(account, None)
            return
        times = self._times.get(account, 0)
        self._times[account] = times + 1
        self._until[account] = now + min(FIRST_S * 2 ** min(times, 10), LONGEST_S)


def in_turn(accounts: Collection[str], last: str) -> Iterator[str]:
    """Name accounts from the one after the last that was served, round and round."""
    ordered: Sequence[str] = sorted(accounts)
    yield from (account for account in ordered if account > last)
    yield from (account for account in ordered if account <= last)

"""Which rows share a POST."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from worker.core.account import Account
from worker.core.limit import Claimed
from worker.core.waits import HORIZONS

#: Rows of one text: one attempt, one send body.
Group = Sequence[Claimed]
MULTI = "sendmulti"


def posts(rows: Iterable[Claimed], account: Account) -> Iterator[list[Group]]:
    """Rows as the POSTs that carry them, each of one lane: one group in a `send`, several in a `sendmulti`."""
    groups = list(grouped(rows))
    size = account.multi_max if account.post_mode == MULTI else 1
    for lane in HORIZONS:
        alike = [group for group in groups if group[0].lane == lane]
        for first in range(0, len(alike), size):
            yield alike[first : first + size]


def grouped(rows: Iterable[Claimed]) -> Iterator[Group]:
    """Rows of one trigger, sender, text and expiry, and never one phone twice."""
    alike: dict[tuple[object, ...], list[Claimed]] = defaultdict(list)
    for row in rows:
        nth = 0
        while any(row.phone == other.phone for other in alike[alikeness(row, nth)]):
            nth += 1
        alike[alikeness(row, nth)].append(row)
    return iter(alike.values())


def alikeness(row: Claimed, nth: int) -> tuple[object, ...]:
    """What rows of one group share; `nth` keeps a second text to one phone apart."""
    return row.trigger, row.sender, row.text, row.expires_at, row.lane, nth

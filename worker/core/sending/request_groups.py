"""Which rows share a POST."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from worker.core.accounts.account import Account
from worker.core.lanes import LANES
from worker.core.sending.eligibility import Claimed
from worker.core.sending.rate_limiter import segments_max

#: Rows of one text: one attempt, one send body.
Group = Sequence[Claimed]
MULTI = "sendmulti"


def posts(rows: Iterable[Claimed], account: Account) -> Iterator[list[Group]]:
    groups = list(grouped(rows))
    size = account.multi_max if account.post_mode == MULTI else 1
    for lane in LANES:
        most = segments_max(account.rate, lane)
        parts = (part for group in groups if group[0].lane == lane for part in cut(group, most))
        yield from packed(parts, size, most)


def cut(group: Group, most: float) -> Iterator[Group]:
    first = segments = 0
    for nth, row in enumerate(group):
        if nth > first and segments + row.segments > most:
            yield group[first:nth]
            first, segments = nth, 0
        segments += row.segments
    yield group[first:]


def packed(groups: Iterable[Group], size: int, most: float) -> Iterator[list[Group]]:
    together: list[Group] = []
    held = 0
    for group in groups:
        segments = sum(row.segments for row in group)
        if together and (len(together) == size or held + segments > most):
            yield together
            together, held = [], 0
        together.append(group)
        held += segments
    if together:
        yield together


def grouped(rows: Iterable[Claimed]) -> Iterator[Group]:
    """Rows of one trigger, channel, sender, text, Viber part and expiry, and never one phone twice."""
    alike: dict[tuple[object, ...], list[Claimed]] = defaultdict(list)
    for row in rows:
        nth = 0
        while any(row.phone == other.phone for other in alike[alikeness(row, nth)]):
            nth += 1
        alike[alikeness(row, nth)].append(row)
    return iter(alike.values())


def alikeness(row: Claimed, nth: int) -> tuple[object, ...]:
    """What rows of one group share; `nth` keeps a second text to one phone apart."""
    return row.trigger, row.channel, row.sender, row.text, row.viber, row.expires_at, row.lane, nth

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import count

import pytest

from tests.core.examples import NOW
from tests.core.sending.test_rate_limiter import SECOND, TEN, UNUSED
from worker.core.lanes import LANES
from worker.core.sending.rate_limiter import Booked, Demand, InLine, Pace, book


@dataclass
class Row:
    """What is asked for when its moment comes."""

    lane: str
    due: datetime
    is_in_line: bool = False
    is_in_hand: bool = False
    at: datetime | None = None
    asked: int = 0


def drain(pace: Pace, rows: Sequence[Row], *, start: datetime) -> None:
    """A sweeper finds what is due every second; the finder of rows asks again while any of them goes."""
    nths, events = count(1), [(start, 0, list[Row]())]
    while events and events[0][0] < start + 3_600 * SECOND:
        now, _, held = heappop(events)
        if not held and any(row.at is None for row in rows):
            heappush(events, (now + SECOND, next(nths), []))
        for batch in [held] if held else sweep(rows, now=now):
            pace, went = ask(pace, batch, now=now)
            if went:
                heappush(events, (max(went) + SECOND / 10, next(nths), batch))
            for row in batch:
                row.is_in_hand = bool(went)


def sweep(rows: Sequence[Row], *, now: datetime) -> Iterator[list[Row]]:
    for lane in LANES:
        free = (row for row in rows if row.lane == lane and row.at is None and row.due <= now and not row.is_in_hand)
        due = sorted(free, key=lambda row: row.due)[:200]
        yield from (due[first : first + 50] for first in range(0, len(due), 50))


def ask(pace: Pace, batch: Sequence[Row], *, now: datetime) -> tuple[Pace, list[datetime]]:
    due = [row for row in batch if row.at is None and row.due <= now]
    demands = [Demand(1, is_in_line=row.is_in_line) for row in due]
    slots, pace = book(pace, TEN, batch[0].lane, demands, room=50, now=now)
    for row, slot in zip(due, slots, strict=True):
        row.asked += 1
        row.at = slot.at if isinstance(slot, Booked) else None
        row.due, row.is_in_line = (slot.until, True) if isinstance(slot, InLine) else (row.due, row.is_in_line)
    return pace, [slot.at for slot in slots if isinstance(slot, Booked)]


@pytest.mark.parametrize(("urgent", "is_paused"), [(0, False), (250, False), (0, True)])
def test_a_long_line_drains_at_the_pace_without_much_asking(urgent: int, *, is_paused: bool) -> None:
    rows = [Row("bulk", NOW) for _ in range(2_000)]
    others = [Row("urgent", NOW + nth * SECOND) for nth in range(urgent)]
    pace, start = (ask(UNUSED, rows, now=NOW)[0], NOW + 3_600 * SECOND) if is_paused else (UNUSED, NOW)

    drain(pace, [*rows, *others], start=start)

    last = max(row.at or datetime.max.replace(tzinfo=UTC) for row in rows)
    assert 2_000 / ((last - start) / SECOND) >= 0.95 * (9 if urgent else 10)
    assert sum(row.asked for row in rows) - 2_000 * is_paused < 3 * 2_000
    assert all(row.at and row.at - row.due <= 2 * SECOND for row in others)

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.examples import NOW
from worker.core.accounts.account import Rate
from worker.core.clock.timeouts import LINE_MAX, RATE_RECOVERY, RATE_WAIT
from worker.core.lanes import LANES
from worker.core.sending.rate_limiter import (
    SLOWDOWN_MAX,
    Booked,
    Demand,
    Held,
    InLine,
    Pace,
    Slot,
    book,
    room_of,
    slowed,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNUSED = Pace(EPOCH, EPOCH, EPOCH, 1.0, dict.fromkeys(LANES, EPOCH))
SECOND = timedelta(seconds=1)
FRESH, IN_LINE = Demand(1), Demand(1, is_in_line=True)
TEN = Rate(10.0)


@dataclass(frozen=True)
class Booking:
    """A call of any replica, the state of the account before it, and its result."""

    lane: str
    demands: tuple[Demand, ...]
    room: int
    now: datetime
    rate: Rate
    pace: Pace
    slots: tuple[Slot, ...]

    @property
    def booked(self) -> list[tuple[datetime, Demand]]:
        result = zip(self.slots, self.demands, strict=True)
        return [(slot.at, demand) for slot, demand in result if isinstance(slot, Booked)]

    @property
    def joined(self) -> list[datetime]:
        result = zip(self.slots, self.demands, strict=True)
        return [slot.until for slot, demand in result if isinstance(slot, InLine) and not demand.is_in_line]


ALL_DEMANDS = [Demand(segments, is_in_line=it) for segments in (0, 1, 3, 20) for it in (False, True)]
SIZES = [(1, 0), (6, 2), (0, 30), (90, 3)]
DEMANDS = st.sampled_from([(a,) * some + (b,) * more for a in ALL_DEMANDS for b in ALL_DEMANDS for some, more in SIZES])
RATES = st.sampled_from([Rate(per_s, s) for per_s in (0.5, 0.9, 3, 10, 10, 200) for s in (None, None, 1, 7, 30)])
SOME_LANE, ROOMS = st.sampled_from(sorted(LANES)), st.sampled_from([0, 1, 5, 50, 50])
GAPS = st.sampled_from([timedelta(seconds=gap) for gap in (0, 0, 0.003, 0.1, 0.4, 0.7, 1, 3, 60, 600)])


@st.composite
def bookings(draw: st.DrawFn, *, complaints: bool = True) -> list[Booking]:
    rate, pace, now, results = draw(RATES), UNUSED, NOW, list[Booking]()
    for is_complaint in draw(st.lists(st.sampled_from([False, False, complaints]), max_size=12)):
        now += draw(GAPS)
        pace = slowed(pace, wait=RATE_WAIT, now=now) if is_complaint else pace
        lane, demands, room = draw(SOME_LANE), draw(DEMANDS), draw(ROOMS)
        slots, after = book(pace, rate, lane, demands, room=room, now=now)
        results.append(Booking(lane, demands, room, now, rate, pace, slots))
        pace = after
    return results


def cost(booking: Booking, demand: Demand) -> timedelta:
    segments = demand.segments / booking.rate.segments_per_s if booking.rate.segments_per_s else 0.0
    return timedelta(seconds=booking.pace.slowdown_at(booking.now) * max(1 / booking.rate.requests_per_s, segments))


def moments(slots: Iterable[Slot]) -> list[float]:
    """When each goes or is asked for again, in seconds from NOW."""
    results = (slot.at if isinstance(slot, Booked) else slot.until for slot in slots if not isinstance(slot, Held))
    return [round((at - NOW) / SECOND, 3) for at in results]


def spacing(pace: Pace, *, now: datetime) -> float:
    """Seconds between two requests of an account that may send ten in a second."""
    first, second = moments(book(pace, TEN, "urgent", [FRESH, FRESH], room=2, now=now)[0])
    return round(second - first, 3)


# Of neighbours, and so, summed up, of every window.
@given(bookings())
def test_no_window_exceeds_its_rate_by_more_than_one_request(made: list[Booking]) -> None:
    results = sorted(
        ((at, cost(booking, demand)) for booking in made for at, demand in booking.booked), key=lambda it: it[0]
    )

    assert all(after - at >= needed - timedelta(microseconds=1) for (at, needed), (after, _) in pairwise(results))


@given(bookings())
def test_a_lane_books_only_after_a_complaint_and_in_its_horizon(made: list[Booking]) -> None:
    for booking in made:
        earliest = max(booking.now, booking.pace.slowed_until)
        assert all(earliest <= at <= booking.now + LANES[booking.lane].horizon for at, _ in booking.booked)


@given(bookings())
def test_each_request_has_a_slot_and_no_more_go_than_there_is_room(made: list[Booking]) -> None:
    for booking in made:
        assert len(booking.slots) == len(booking.demands)
        assert len(booking.booked) <= booking.room
        assert Held() not in booking.slots or len(booking.booked) == booking.room


@given(bookings())
def test_a_request_in_line_is_booked_again_in_time(made: list[Booking]) -> None:
    for booking in made:
        assert all(
            booking.now <= slot.until <= booking.now + LINE_MAX for slot in booking.slots if isinstance(slot, InLine)
        )


@given(bookings())
def test_requests_in_a_line_come_due_in_order(made: list[Booking]) -> None:
    for lane in LANES:
        joined = [until for booking in made if booking.lane == lane for until in booking.joined]
        assert joined == sorted(joined)


@given(bookings())
def test_a_newcomer_overtakes_nobody_who_joined_before_and_is_not_due_yet(made: list[Booking]) -> None:
    for lane in LANES:
        last = EPOCH
        for booking in (item for item in made if item.lane == lane):
            assert last <= booking.now or all(demand.is_in_line for _, demand in booking.booked)
            last = max([last, *booking.joined])


@given(bookings(complaints=False))
def test_others_keep_urgent_waiting_no_longer_than_their_horizon(made: list[Booking]) -> None:
    largest = max((cost(item, demand) for item in made for _, demand in item.booked), default=timedelta())
    own, has_line = EPOCH, False
    for booking in (item for item in made if item.lane == "urgent"):
        latest = max(booking.now, own) + 2 * SECOND + largest
        assert all(at <= latest for at, _ in booking.booked[:1])
        if booking.demands and booking.room and not has_line and latest <= booking.now + 10 * SECOND:
            assert isinstance(booking.slots[0], Booked)
        own = max([own, *(at + cost(booking, demand) for at, demand in booking.booked)])
        has_line = has_line or any(isinstance(slot, InLine) for slot in booking.slots)


def test_a_line_begins_where_the_horizon_ends() -> None:
    slots, pace = book(UNUSED, TEN, "bulk", [FRESH] * 8, room=8, now=NOW)
    newcomers, _ = book(pace, TEN, "bulk", [FRESH], room=1, now=NOW + SECOND / 10)

    assert [isinstance(slot, Booked) for slot in slots] == [True] * 6 + [False] * 2
    assert moments(slots) == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.1, 0.2]
    assert newcomers == (InLine(NOW + 0.3 * SECOND),)
    assert pace.lines["bulk"] == NOW + timedelta(seconds=0.8)


def test_the_head_of_a_line_whose_turn_was_taken_is_next() -> None:
    _, taken = book(UNUSED, TEN, "normal", [FRESH] * 8, room=8, now=NOW)
    _, lined = book(taken, TEN, "bulk", [FRESH] * 50, room=50, now=NOW)

    slots, pace = book(lined, TEN, "bulk", [FRESH, IN_LINE, IN_LINE], room=3, now=NOW + 0.3 * SECOND)

    assert moments(slots) == [5.3, 0.8, 0.4]
    assert pace.lines["bulk"] == lined.lines["bulk"] + SECOND / 10


@pytest.mark.parametrize("room", [0, -3])
def test_requests_held_for_room_take_nothing_of_the_rate(room: int) -> None:
    assert book(UNUSED, TEN, "bulk", [FRESH] * 3, room=room, now=NOW) == ((Held(),) * 3, UNUSED)


def test_a_request_sent_back_to_the_line_precedes_newcomers() -> None:
    _, busy = book(UNUSED, TEN, "normal", [FRESH] * 10, room=10, now=NOW)
    (head,), sent_back = book(busy, TEN, "bulk", [IN_LINE], room=1, now=NOW)
    (newcomer,), _ = book(sent_back, TEN, "bulk", [FRESH], room=1, now=NOW + SECOND / 2)

    assert (head, newcomer) == (InLine(NOW + 0.5 * SECOND), InLine(NOW + 0.6 * SECOND))


@given(st.integers(1, 50), st.integers(0, 60))
def test_slow_posts_of_a_lane_leave_room_for_those_before_it(in_flight: int, under_way: int) -> None:
    rooms = [room_of(lane, in_flight=in_flight, under_way=under_way) for lane in LANES]

    assert rooms[0] == in_flight - under_way
    assert rooms == sorted(rooms, reverse=True)
    assert in_flight == 1 or rooms[0] > rooms[1]
    assert in_flight <= 2 or rooms[1] > rooms[2]
    assert under_way > 0 or rooms[2] >= 1


@given(st.floats(0, 59.9))
def test_complaints_within_the_wait_count_once(later: float) -> None:
    first = slowed(UNUSED, wait=RATE_WAIT, now=NOW)

    assert slowed(first, wait=RATE_WAIT, now=NOW + later * SECOND) is first


def test_each_complaint_halves_the_pace_down_to_its_least() -> None:
    pace, results = slowed(UNUSED, wait=RATE_WAIT, now=NOW), list[float]()
    for _ in range(7):
        results.append(spacing(pace, now=pace.slowed_until))
        pace = slowed(pace, wait=RATE_WAIT, now=pace.slowed_until)

    assert results == [0.2, 0.4, 0.8, 1.6, 3.2, 3.2, 3.2]


@given(st.lists(st.floats(0, 300), min_size=1, max_size=20))
def test_however_often_it_was_slowed_an_account_recovers_in_five_minutes(gaps: list[float]) -> None:
    pace, now = UNUSED, NOW
    for gap in gaps:
        now += gap * SECOND
        pace = slowed(pace, wait=RATE_WAIT, now=now)
        assert 2 <= pace.slowdown <= SLOWDOWN_MAX
    assert spacing(pace, now=pace.slowed_until + 5 * RATE_RECOVERY) <= 0.1 / 0.9

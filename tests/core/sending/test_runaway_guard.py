from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.examples import NOW
from tests.core.sending.test_frequency_cap import MONTH, OLENA, PETRO, a_row
from worker.core.sending.eligibility import Claimed
from worker.core.sending.frequency_cap import Contact
from worker.core.sending.runaway_guard import busiest_day, runaways, runs_away

DAY, TICK = timedelta(hours=24), timedelta(microseconds=1)


def contacts(*ago: timedelta, first: int = 1000) -> list[Contact]:
    return [Contact(NOW - span, b"", (MONTH, first + number)) for number, span in enumerate(ago)]


def claimed(numbers: Iterable[int], key: bytes = OLENA) -> list[Claimed]:
    return [a_row(number, key=key) for number in numbers]


@pytest.mark.parametrize(
    ("now_sent", "busiest", "stops"),
    [(20, 0, False), (21, 0, True), (21, 4, True), (25, 5, False), (26, 5, True), (30, 6, False), (31, 6, True)],
)
def test_only_what_is_above_the_floor_and_far_above_its_habit_runs_away(
    now_sent: int, busiest: int, *, stops: bool
) -> None:
    assert runs_away(now_sent, busiest, floor=20) is stops


def test_a_trigger_has_a_floor_of_its_own() -> None:
    assert not runs_away(2000, 10, floor=2000)
    assert runs_away(2001, 10, floor=2000)


def test_the_running_day_is_no_habit() -> None:
    assert busiest_day(contacts(*[timedelta()] * 9, *[DAY - TICK] * 9), NOW) == 0
    assert busiest_day(contacts(*[-TICK] * 9), NOW) == 0


def test_days_are_counted_back_from_now_to_the_moment() -> None:
    assert busiest_day(contacts(DAY, 2 * DAY - TICK), NOW) == 2
    assert busiest_day(contacts(DAY, 2 * DAY), NOW) == 1


def test_a_habit_is_of_a_fortnight_and_no_older() -> None:
    assert busiest_day(contacts(14 * DAY - TICK), NOW) == 1
    assert busiest_day(contacts(14 * DAY), NOW) == 0


def test_the_busiest_day_counts_and_not_all_of_them() -> None:
    assert busiest_day(contacts(*[3 * DAY] * 5, *[4 * DAY] * 7, *[9 * DAY] * 6), NOW) == 7


def test_a_person_without_contacts_has_no_habit() -> None:
    assert busiest_day([], NOW) == 0


def test_rows_that_would_go_count_with_what_went_in_the_day_before() -> None:
    here = {OLENA: contacts(*[timedelta(hours=3)] * 15)}

    assert runaways(claimed(range(5)), here, NOW, floor=20) == set()
    assert runaways(claimed(range(6)), here, NOW, floor=20) == {OLENA}


def test_contacts_a_day_old_are_habit_and_not_today() -> None:
    assert runaways(claimed(range(20)), {OLENA: contacts(DAY)}, NOW, floor=20) == set()
    assert runaways(claimed(range(20)), {OLENA: contacts(DAY - TICK)}, NOW, floor=20) == {OLENA}


def test_a_row_that_was_tried_before_counts_once() -> None:
    here = {OLENA: contacts(*[timedelta(hours=3)] * 15, first=1)}

    assert runaways(claimed(range(1, 21)), here, NOW, floor=20) == set()
    assert runaways(claimed(range(1, 22)), here, NOW, floor=20) == {OLENA}


def test_a_person_used_to_many_texts_may_get_many() -> None:
    here = {OLENA: contacts(*[5 * DAY] * 8)}

    assert runaways(claimed(range(40)), here, NOW, floor=20) == set()
    assert runaways(claimed(range(41)), here, NOW, floor=20) == {OLENA}


def test_a_runaway_stops_nobody_else() -> None:
    rows = [*claimed(range(30)), *claimed(range(100, 103), PETRO)]

    assert runaways(rows, {}, NOW, floor=20) == {OLENA}


def test_a_person_without_claimed_rows_is_no_runaway() -> None:
    assert runaways([], {OLENA: contacts(*[timedelta(hours=1)] * 50)}, NOW, floor=20) == set()


def test_another_floor_lets_more_through() -> None:
    assert runaways(claimed(range(30)), {}, NOW, floor=30) == set()
    assert runaways(claimed(range(31)), {}, NOW, floor=30) == {OLENA}


@given(st.lists(st.integers(0, 20 * 24), max_size=60), st.integers(0, 40))
def test_more_history_lets_nobody_be_stopped_and_more_rows_free_nobody(hours: list[int], rows: int) -> None:
    here = {OLENA: contacts(*(timedelta(hours=hour) for hour in hours))}
    richer = {OLENA: [*here[OLENA], *contacts(*[2 * DAY] * 3, first=2000)]}

    assert runaways(claimed(range(rows)), richer, NOW, floor=20) <= runaways(claimed(range(rows)), here, NOW, floor=20)
    more = claimed(range(max(rows, 1) + 1))
    assert runaways(claimed(range(rows)), here, NOW, floor=20) <= runaways(more, here, NOW, floor=20)

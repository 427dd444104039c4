"""How long somebody waits after wrong passwords."""

from hypothesis import given
from hypothesis import strategies as st

from worker.web.pages.access.attempts import (
    FORGOTTEN_S,
    FREE,
    FREE_OF_ALL,
    MOST_S,
    REMEMBERED,
    Attempts,
    Failed,
    wait_of,
)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_some_slips_cost_nothing_and_each_further_one_doubles_the_wait() -> None:
    attempts = Attempts(Clock())
    waits: list[int] = []
    for _attempt in range(FREE + 3):
        waits.append(attempts.wait("olena"))
        attempts.failed("Olena")

    assert waits == [0] * FREE + [2, 4, 8]


def test_it_is_over_by_itself_and_by_the_right_password() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    for _attempt in range(FREE):
        attempts.failed("olena")
    assert attempts.wait("olena")

    clock.now += FORGOTTEN_S + 1
    assert not attempts.wait("olena")
    attempts.failed("olena")
    attempts.succeeded("OLENA")
    assert not attempts.wait("olena")


def test_many_names_from_one_who_guesses_make_all_wait() -> None:
    attempts = Attempts(Clock())
    for nth in range(FREE_OF_ALL):
        assert not attempts.wait("olena")
        attempts.failed(f"name {nth}")

    assert attempts.wait("olena") > 0


def test_it_remembers_so_many_names_and_no_more() -> None:
    attempts = Attempts(Clock())
    for nth in range(2 * REMEMBERED):
        attempts.failed(f"name {nth}")

    assert len(attempts) == REMEMBERED


@given(st.integers(0, 10**6), st.floats(0, 10**6))
def test_nobody_waits_longer_than_the_longest_wait(times: int, now: float) -> None:
    assert 0 <= wait_of(Failed(times, 0.0), FREE, now=now) <= MOST_S

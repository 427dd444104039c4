from hypothesis import given
from hypothesis import strategies as st

from worker.core.outcomes.refusals import LONGEST_S, Refusals, in_turn

ACCOUNTS = st.sets(st.sampled_from("abcdef"))


def test_who_refuses_is_left_alone_twice_as_long_each_time() -> None:
    refusals, waits, now = Refusals(), list[float](), 0.0

    for _ in range(8):
        refusals.note("acme", is_refused=True, now=now)
        until = next(now + seconds for seconds in range(1, 100) if refusals.are_over("acme", now=now + seconds))
        waits.append(until - now)
        now = until

    assert waits == [1, 2, 4, 8, 16, 32, LONGEST_S, LONGEST_S]


def test_who_takes_outcomes_again_is_as_if_nothing_had_been() -> None:
    refusals = Refusals()
    for now in (0.0, 1.0, 3.0):
        refusals.note("acme", is_refused=True, now=now)
    refusals.note("acme", is_refused=False, now=7.0)

    refusals.note("acme", is_refused=True, now=8.0)

    assert (refusals.are_over("acme", now=8.9), refusals.are_over("acme", now=9.0)) == (False, True)
    assert refusals.are_over("other", now=8.0)


@given(ACCOUNTS, st.sampled_from("abcdef"))
def test_everybody_has_a_turn_before_the_last_one_again(accounts: set[str], last: str) -> None:
    order = list(in_turn(accounts, last))

    assert sorted(order) == sorted(accounts)
    assert last not in order[:-1]

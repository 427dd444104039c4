from hypothesis import given
from hypothesis import strategies as st

from worker.core.access.token_bucket import BURST_S, Bucket, is_full, taken

RATE = 10


def run(moments: list[float]) -> list[bool]:
    """Which of the calls at these moments may go."""
    bucket, allowed = None, list[bool]()
    for now in moments:
        bucket, wait = taken(bucket, RATE, now=now)
        allowed.append(wait == 0)
    return allowed


def test_twice_the_rate_may_go_at_once_and_no_more() -> None:
    assert run([0.0] * 25) == [True] * 20 + [False] * 5


def test_a_tenth_of_a_second_later_there_is_room_for_another() -> None:
    assert run([0.0] * 20 + [0.05, 0.11, 0.12]) == [True] * 20 + [False, True, False]


def test_who_is_refused_learns_when_there_is_room() -> None:
    bucket, wait = taken(Bucket(0.25, 5.0), RATE, now=5.0)

    assert (bucket.tokens, round(wait, 3)) == (0.25, 0.075)
    assert taken(bucket, RATE, now=5.0 + wait + 1e-6)[1] == 0


@given(st.lists(st.floats(0, 0.3), min_size=1, max_size=200))
def test_in_any_time_no_more_go_than_the_rate_and_the_burst(pauses: list[float]) -> None:
    moments = [sum(pauses[: nth + 1]) for nth in range(len(pauses))]

    allowed = sum(run(moments))

    assert allowed <= RATE * BURST_S + (moments[-1] - moments[0]) * RATE + 1


def test_a_bucket_that_is_full_again_need_not_be_remembered() -> None:
    assert is_full(Bucket(0, 0.0), RATE, now=2.0)
    assert not is_full(Bucket(0, 0.0), RATE, now=1.9)
    assert not is_full(Bucket(19, 0.0), RATE, now=0.05)


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket, wait = taken(Bucket(0, 10.0), RATE, now=3.0)

    assert (bucket.tokens, wait > 0) == (0, True)

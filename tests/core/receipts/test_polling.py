from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.receipts.polling import (
    ABANDONED,
    ASKED,
    DENIED_TOO_EARLY,
    FOLLOW_UPS,
    TRACKED,
    WITH_CALLBACKS,
    Turn,
    is_believed_unknown,
    later,
    next_ask,
    next_follow_up,
    next_try,
    turn_of,
)

TAKEN = datetime(2026, 11, 23, 10, tzinfo=UTC)
AGES = st.timedeltas(timedelta(), 2 * TRACKED)


def asked(*, has_callbacks: bool) -> list[timedelta]:
    """The ages at which a message is asked for that never comes to its end."""
    moments = [TAKEN + timedelta(minutes=1)]
    while following := next_ask(TAKEN, has_callbacks=has_callbacks, now=moments[-1]):
        moments.append(following)
    return [moment - TAKEN for moment in moments]


@pytest.mark.parametrize(("way", "most"), [("polls", 64), ("callbacks", 32)])
def test_a_silent_message_is_polled_ever_less_often_for_seven_days(way: str, most: int) -> None:
    ages = asked(has_callbacks=way == "callbacks")
    waits = [after - before for before, after in pairwise(ages)]

    assert ages[-1] == TRACKED
    assert waits[:-1] == sorted(waits[:-1])
    assert len(ages) < most


def test_messages_of_an_account_with_callbacks_are_polled_less() -> None:
    assert len(asked(has_callbacks=True)) < len(asked(has_callbacks=False)) / 1.5


@pytest.mark.parametrize("way", ["polls", "callbacks"])
@given(AGES)
def test_the_next_question_lies_ahead(way: str, age: timedelta) -> None:
    now, has_callbacks = TAKEN + age, way == "callbacks"
    following = next_ask(TAKEN, has_callbacks=has_callbacks, now=now)

    assert (following is None) == (age >= TRACKED)
    assert following is None or now < following <= TAKEN + TRACKED
    assert next_try(TAKEN, has_callbacks=has_callbacks, now=now) > now
    assert (next_follow_up(TAKEN, now=now) or now + timedelta(1)) > now


@given(AGES, st.sets(st.sampled_from(["paused", "callbacks"])))
def test_a_turn_of_polling_follows_from_age_and_callbacks(age: timedelta, facts: set[str]) -> None:
    now, is_still, has_callbacks = TAKEN + age, "paused" in facts, "callbacks" in facts
    turn = turn_of(TAKEN, is_still=is_still, has_callbacks=has_callbacks, now=now)

    assert (turn is Turn.GIVE_UP) == (age >= ABANDONED)
    if turn is Turn.LATER:
        assert later(TAKEN, is_still=is_still, has_callbacks=has_callbacks, now=now) > now
    elif turn is Turn.ASK:
        assert not is_still
        assert not has_callbacks or age >= WITH_CALLBACKS[0][1]


@given(AGES)
def test_an_unknown_young_message_is_not_believed_and_polled_again(age: timedelta) -> None:
    is_believed = is_believed_unknown(TAKEN, now=TAKEN + age)

    assert is_believed == (age >= DENIED_TOO_EARLY)
    assert is_believed or next_ask(TAKEN, has_callbacks=False, now=TAKEN + age)


def test_the_schedules_reach_as_far_as_a_message_is_tracked() -> None:
    assert ASKED[-1][0] == WITH_CALLBACKS[-1][0] == TRACKED == timedelta(days=7)
    assert list(FOLLOW_UPS) == sorted(FOLLOW_UPS)
    assert next_follow_up(TAKEN, now=TAKEN + FOLLOW_UPS[-1]) is None

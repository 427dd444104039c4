from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.core.examples import account
from worker.core.accounts.account import Account
from worker.core.clock.quiet_hours import Window
from worker.core.hands.pace import finish, seconds_ahead, seconds_of

OFFICE = replace(account(window=Window(540, 1200)), requests_per_s=10.0, segments_per_s=None)
#: 12:00 in Kyiv.
NOON = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("texts", "segments", "at_the_pace_of", "seconds"),
    [
        ({"a": 1}, 1, OFFICE, 0.1),
        ({"a": 501, "b": 1}, 502, OFFICE, 0.3),
        ({str(nth): 1 for nth in range(3_000)}, 3_000, OFFICE, 300),
        ({str(nth): 1 for nth in range(3_000)}, 3_000, replace(OFFICE, post_mode="sendmulti", multi_max=20), 15),
        ({"a": 100}, 300, replace(OFFICE, segments_per_s=1.0), 300),
    ],
)
def test_the_pace_counts_requests_and_segments(
    texts: dict[str, int], segments: int, at_the_pace_of: Account, seconds: float
) -> None:
    assert seconds_of(texts, segments, at_the_pace_of) == pytest.approx(seconds)


def test_each_text_that_waits_already_is_a_request_ahead() -> None:
    grouped = replace(OFFICE, post_mode="sendmulti", multi_max=20)
    assert [seconds_ahead(waiting, grouped) for waiting in (0, 1, 3_000)] == pytest.approx([0, 0.1, 300])


def test_work_goes_on_in_the_hours_alone() -> None:
    assert finish(600, OFFICE, start=NOON) == NOON + timedelta(minutes=10)
    # Eight hours are left of the day, and two more of the next.
    assert finish(10 * 3600, OFFICE, start=NOON) == datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
    assert finish(60, OFFICE, start=NOON + timedelta(hours=12)) == datetime(2026, 12, 2, 7, 1, tzinfo=UTC)


def test_what_takes_months_has_no_end_worth_naming() -> None:
    assert finish(10_000_000, OFFICE, start=NOON) is None

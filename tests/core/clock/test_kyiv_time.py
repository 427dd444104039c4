from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.clock.kyiv_time import moment_of

KYIV = ZoneInfo("Europe/Kyiv")


def local(*numbers: int) -> datetime:
    return datetime(*numbers)  # pyright: ignore[reportArgumentType] # noqa: DTZ001 (Kyiv's clocks)


def utc(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=UTC)  # pyright: ignore[reportArgumentType] - a zone is no number


@pytest.mark.parametrize(
    ("written", "meant"),
    [(local(2026, 11, 30, 10, 0, 5), utc(2026, 11, 30, 8, 0, 5)), (local(2026, 7, 1, 10), utc(2026, 7, 1, 7))],
)
def test_a_time_without_an_offset_is_kyivs_in_winter_and_in_summer(written: datetime, meant: datetime) -> None:
    assert moment_of(written, since=meant - timedelta(hours=1), now=meant + timedelta(hours=1)) == meant


@pytest.mark.parametrize(
    ("since", "now", "meant"),
    [
        # On 25 October 2026 the clocks show the hour from 3:00 to 4:00 twice, from 0:00 and from 1:00 UTC.
        (utc(2026, 10, 25, 0, 10), utc(2026, 10, 25, 0, 40), utc(2026, 10, 25, 0, 30)),
        (utc(2026, 10, 25, 1, 10), utc(2026, 10, 25, 1, 40), utc(2026, 10, 25, 1, 30)),
        (utc(2026, 10, 25, 0, 45), utc(2026, 10, 25, 2, 0), utc(2026, 10, 25, 1, 30)),
        # Both are possible: the first one, for what is delivered is mostly delivered at once.
        (utc(2026, 10, 25, 0, 10), utc(2026, 10, 25, 9, 0), utc(2026, 10, 25, 0, 30)),
    ],
)
def test_of_a_repeated_autumn_hour_the_possible_moment_is_taken(
    since: datetime, now: datetime, meant: datetime
) -> None:
    assert moment_of(local(2026, 10, 25, 3, 30), since=since, now=now) == meant


def test_a_time_with_an_offset_keeps_it_and_no_time_is_none() -> None:
    written = datetime(2026, 11, 30, 10, tzinfo=KYIV)

    assert moment_of(written, since=utc(2026, 11, 1), now=utc(2026, 12, 1)) == utc(2026, 11, 30, 8)
    assert moment_of(None, since=utc(2026, 11, 1), now=utc(2026, 12, 1)) is None


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2200, 12, 30)),  # noqa: DTZ001 (Kyiv's clocks)
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 (made UTC's below)
    st.timedeltas(timedelta(), timedelta(days=8)),
)
def test_a_moment_is_never_before_the_acceptance_or_after_now(
    written: datetime, taken: datetime, age: timedelta
) -> None:
    since = taken.replace(tzinfo=UTC)

    moment = moment_of(written, since=since, now=since + age)

    assert moment is not None
    assert since <= moment <= since + age


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))  # noqa: DTZ001 (made UTC's below)
def test_a_local_time_of_this_hour_is_read_as_it_was_meant(when: datetime) -> None:
    meant = when.replace(tzinfo=UTC, microsecond=0)
    written = meant.astimezone(KYIV).replace(tzinfo=None)

    assert moment_of(written, since=meant - timedelta(minutes=20), now=meant + timedelta(minutes=20)) == meant

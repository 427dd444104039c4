from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.clock.given_moment import first_moment, last_moment

KYIV = ZoneInfo("Europe/Kyiv")
NOW = datetime(2026, 11, 30, 1, 30, tzinfo=UTC)

FIRST = {
    "2026-11-24": "2026-11-23T22:00:00+00:00",
    "2026-07-01": "2026-06-30T21:00:00+00:00",
    "2026-11-24 10:00": "2026-11-24T08:00:00+00:00",
    "2026-11-24T10:00:30": "2026-11-24T08:00:30+00:00",
    "2026-11-24T10:00:00+05:00": "2026-11-24T05:00:00+00:00",
    "2026-11-24T10:00:00Z": "2026-11-24T10:00:00+00:00",
    "2026-11-24t10:00:00z": "2026-11-24T10:00:00+00:00",
    "2026-03-29 03:30": "2026-03-29T01:00:00+00:00",
    "2026-10-25 03:30": "2026-10-25T00:30:00+00:00",
    "today": "2026-11-29T22:00:00+00:00",
    "Вчора": "2026-11-28T22:00:00+00:00",
    "90m": "2026-11-30T00:00:00+00:00",
    "3d": "2026-11-27T01:30:00+00:00",
}
LAST = {
    "2026-11-24": "2026-11-24T22:00:00+00:00",
    "yesterday": "2026-11-29T22:00:00+00:00",
    "2026-10-25": "2026-10-25T22:00:00+00:00",
    "2026-11-24 10:00": "2026-11-24T08:00:00+00:00",
    "2h": "2026-11-29T23:30:00+00:00",
}
WRONG = ("tuesday", "", "24.11.2026", "2026-11-31", "10:00", "3w", "-1d", "0001-01-01T00:00+23:59", "2026-W48-2")
#: Their midnights lie outside of the calendar.
ENDLESS = {"0001-01-01": first_moment, "9999-12-31": last_moment}


def test_since_when_is_read_in_the_zone_of_whoever_asks(subtests: pytest.Subtests) -> None:
    for text, moment in FIRST.items():
        with subtests.test(text):
            assert first_moment(text, zone=KYIV, now=NOW).isoformat() == moment


def test_until_when_includes_the_whole_day(subtests: pytest.Subtests) -> None:
    for text, moment in LAST.items():
        with subtests.test(text):
            assert last_moment(text, zone=KYIV, now=NOW).isoformat() == moment


def test_what_is_no_moment_is_refused_with_the_forms(subtests: pytest.Subtests) -> None:
    for text in WRONG:
        with subtests.test(text), pytest.raises(ValueError, match=r"no moment|longer than a year"):
            first_moment(text, zone=KYIV, now=NOW)


def test_days_at_the_ends_of_the_calendar_are_refused(subtests: pytest.Subtests) -> None:
    for text, read in ENDLESS.items():
        with subtests.test(text), pytest.raises(ValueError, match="no moment"):
            read(text, zone=KYIV, now=NOW)


def test_a_day_begins_after_the_gap_of_its_midnight() -> None:
    assert first_moment("2026-04-24", zone=ZoneInfo("Africa/Cairo"), now=NOW).isoformat() == "2026-04-23T22:00:00+00:00"


@given(st.text(max_size=30))
def test_any_text_is_a_moment_or_a_value_error(text: str) -> None:
    for read in (first_moment, last_moment):
        try:
            assert read(text, zone=KYIV, now=NOW).tzinfo is UTC
        except ValueError as error:
            assert str(error)  # noqa: PT017 (both ends are right)

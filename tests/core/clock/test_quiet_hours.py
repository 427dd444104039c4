from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.tries import tries
from worker.core.clock.quiet_hours import ALWAYS, Window, moment, opening, zone_of

ZONES = [
    "Europe/Kyiv",
    "Europe/London",
    "America/St_Johns",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
]
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MANY = settings(max_examples=tries(400))


def changes(zone: str) -> list[datetime]:
    """The first moments after each change of the zone's clocks."""
    zone_info, moments, at = ZoneInfo(zone), list[datetime](), START
    while at < END:
        after = at + timedelta(minutes=30)
        if after.astimezone(zone_info).utcoffset() != at.astimezone(zone_info).utcoffset():
            moments.append(after)
        at = after
    return moments


CHANGES = {zone: changes(zone) for zone in ZONES}


@st.composite
def zones_and_times(draw: st.DrawFn) -> tuple[str, datetime]:
    """A zone and a time, one in two near a change of its clocks."""
    zone = draw(st.sampled_from(ZONES))
    near = CHANGES[zone] or [START]
    seconds = draw(st.integers(-100_000, 100_000))
    close = draw(st.sampled_from(near)) + timedelta(seconds=seconds)
    anywhere = START + timedelta(seconds=draw(st.integers(0, 2 * 365 * 86_400)))
    return zone, draw(st.sampled_from([close, anywhere]))


@st.composite
def windows(draw: st.DrawFn) -> Window:
    opens = draw(st.integers(0, 1439) | st.sampled_from([0, 120, 150, 180, 210, 540]))
    return Window(opens, draw(st.integers(opens + 1, 1440)))


def minute_of(at: datetime, zone: str) -> int:
    local = at.astimezone(ZoneInfo(zone))
    return local.hour * 60 + local.minute


@MANY
@given(windows(), zones_and_times())
@example(Window(210, 540), ("Europe/Kyiv", datetime(2026, 10, 25, 1, 10, tzinfo=UTC)))
@example(Window(195, 200), ("Europe/Kyiv", datetime(2026, 3, 29, 0, 30, tzinfo=UTC)))
def test_the_opening_lies_inside_the_window_and_never_before_now(window: Window, where: tuple[str, datetime]) -> None:
    zone, now = where

    opens = opening(window, zone=zone, now=now)

    assert opens >= now
    assert opens - now <= timedelta(days=2, hours=1)
    assert window.opens <= minute_of(opens, zone) < window.closes


@MANY
@given(windows(), zones_and_times())
def test_a_wait_ends_on_the_minute_the_window_opens_or_the_clocks_jump(
    window: Window, where: tuple[str, datetime]
) -> None:
    zone, now = where

    opens = opening(window, zone=zone, now=now)

    if opens == now:
        assert window.opens <= minute_of(now, zone) < window.closes
    else:
        assert (opens.second, opens.microsecond) == (0, 0)
        assert minute_of(opens, zone) == window.opens or opens in CHANGES[zone]
        assert not window.opens <= minute_of(now, zone) < window.closes


@given(windows(), zones_and_times())
def test_the_moment_it_opens_it_is_open(window: Window, where: tuple[str, datetime]) -> None:
    opens = opening(window, zone=where[0], now=where[1])

    assert opening(window, zone=where[0], now=opens) == opens


@given(zones_and_times())
def test_a_window_of_the_whole_day_never_waits(where: tuple[str, datetime]) -> None:
    assert opening(ALWAYS, zone=where[0], now=where[1]) == where[1]


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-23T06:59:59", "2026-11-23T07:00:00"),
        ("2026-11-23T07:00:00", "2026-11-23T07:00:00"),
        ("2026-11-23T17:59:59", "2026-11-23T17:59:59"),
        ("2026-11-23T18:00:00", "2026-11-24T07:00:00"),
        ("2026-11-23T23:30:00", "2026-11-24T07:00:00"),
        ("2026-03-28T20:00:00", "2026-03-29T06:00:00"),
        ("2026-10-24T20:00:00", "2026-10-25T07:00:00"),
        ("2026-12-31T20:00:00", "2027-01-01T07:00:00"),
    ],
)
def test_the_hours_of_kyiv_from_nine_to_eight(now: str, opens: str) -> None:
    asked, expected = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (now, opens))

    assert opening(Window(540, 1200), zone="Europe/Kyiv", now=asked) == expected


def test_in_the_hour_that_comes_twice_the_second_opening_still_counts() -> None:
    now = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)

    assert opening(Window(210, 540), zone="Europe/Kyiv", now=now) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_window_inside_the_missing_hour_opens_a_day_later() -> None:
    now = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)

    assert opening(Window(195, 200), zone="Europe/Kyiv", now=now) == datetime(2026, 3, 30, 0, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "local", "expected"),
    [
        ("Europe/Kyiv", "2026-03-29T02:59", "2026-03-29T00:59"),
        ("Europe/Kyiv", "2026-03-29T03:00", "2026-03-29T01:00"),
        ("Europe/Kyiv", "2026-03-29T03:59", "2026-03-29T01:00"),
        ("Europe/Kyiv", "2026-03-29T04:00", "2026-03-29T01:00"),
        ("Europe/Kyiv", "2026-10-25T03:00", "2026-10-25T00:00"),
        ("Europe/Kyiv", "2026-10-25T03:59", "2026-10-25T00:59"),
        ("Europe/Kyiv", "2026-10-25T04:00", "2026-10-25T02:00"),
        ("Europe/London", "2027-03-28T01:30", "2027-03-28T01:00"),
        ("America/St_Johns", "2026-03-08T02:30", "2026-03-08T05:30"),
        ("America/St_Johns", "2026-11-01T01:30", "2026-11-01T04:00"),
        ("America/Santiago", "2026-09-06T00:00", "2026-09-06T04:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"),
        ("Pacific/Apia", "2026-04-05T03:30", "2026-04-04T14:30"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00"),
        ("Asia/Kathmandu", "2026-04-05T03:30", "2026-04-04T21:45"),
    ],
)
def test_a_gap_ends_at_its_end_and_of_two_moments_the_first_counts(zone: str, local: str, expected: str) -> None:
    assert moment(datetime.fromisoformat(local), zone=zone) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@MANY
@given(zones_and_times())
def test_every_moment_of_a_zone_follows_from_its_local_time(where: tuple[str, datetime]) -> None:
    zone, at = where[0], where[1].replace(second=0, microsecond=0)
    local = at.astimezone(ZoneInfo(zone))

    result = moment(local.replace(tzinfo=None, fold=0), zone=zone)

    assert result == at if local.fold == 0 else result < at
    assert result.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) == local.replace(tzinfo=None, fold=0)


@pytest.mark.parametrize(
    "name",
    [
        *("", "Kyiv", "Europe", "../etc/passwd", "/etc/localtime", "x\0y", "x" * 300, "Їжак"),
        *("localtime", "posixrules", "Factory", "right/Europe/London", "posix/Europe/London"),
    ],
)
def test_a_zone_that_nobody_knows_is_kyiv(name: str) -> None:
    assert zone_of(name).key == "Europe/Kyiv"

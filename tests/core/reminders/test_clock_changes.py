"""Every zone of the world in 2026 and 2027, around every change of its clocks: missed 0, doubled 0, early 0."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.reminders.moments import DAY, FIRST, LAST, NEVER, dated_entry, rule, transitions, walk
from worker.core.accounts.account import Timing
from worker.core.reminders.birthday import birthday_in
from worker.core.reminders.schedule import Due, ReminderRule, next_due

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
#: Starts so long after a change of the clocks: before it, at it, and with their reminders on its other side.
AROUND = [timedelta(minutes=item) for item in (-1, 0, 1, 29, 30, 59, 60, 61, 90, 119, 120, 121, 1439, 1440, 1441, 1500)]
HOURS = [0, 30, 60, 90, 120, 150, 180, 210, 9 * 60, 23 * 60 + 30, 23 * 60 + 59]


def is_first_at(due: Due, wanted: datetime, zone: str) -> bool:
    """Whether clocks in the zone reach this hour then, and not before."""
    zone_info = ZoneInfo(zone)
    shown = due.at.astimezone(zone_info)
    before = (due.at - SECOND).astimezone(zone_info).replace(tzinfo=None)
    return before < wanted <= shown.replace(tzinfo=None) and shown.fold == 0


def test_the_world_has_all_its_kinds_of_changes() -> None:
    results = transitions()
    shifts = {shift(change, zone) for zone, changes in results.items() for change in changes}

    assert len(results) > 50
    assert {timedelta(minutes=30), timedelta(hours=1), timedelta(hours=-1)} <= shifts
    assert any(change.astimezone(ZoneInfo(zone)).hour <= 1 for zone, changes in results.items() for change in changes)


def shift(change: datetime, zone: str) -> timedelta:
    """How far clocks jump."""
    after, before = (moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for moment in (change, change - SECOND))
    return after - before - SECOND


def test_a_reminder_is_due_exactly_its_offset_before_the_start() -> None:
    before = (1500, 1440, 120, 30)
    for zone, changes in transitions().items():
        wanted = rule("meeting", Timing(before=before))
        for start in [change + around for change in changes or [FIRST + 40 * DAY] for around in AROUND]:
            local = start.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            entry = dated_entry("meeting", local, zone=zone, start=start)

            assert [due.at for due in walk(wanted, entry)] == [start - minutes * MINUTE for minutes in before], zone


def test_without_an_offset_the_first_of_two_equal_hours_counts() -> None:
    entry = dated_entry("meeting", datetime(2026, 10, 25, 3, 30), zone="Europe/Kyiv", start=FIRST)  # noqa: DTZ001 (local)

    [due] = walk(rule("meeting", Timing(before=(60,))), entry)

    assert due.at == datetime(2026, 10, 24, 23, 30, tzinfo=UTC)


def days_near(zone: str) -> list[date]:
    """Days on which clocks change, and those beside them; month and year ends, and 29 February."""
    changes = [transition.astimezone(ZoneInfo(zone)).date() for transition in transitions()[zone]]
    return [
        *(change + step * DAY for change in changes for step in (-1, 0, 1)),
        date(2026, 12, 31),
        date(2027, 1, 1),
        date(2028, 2, 29),
    ]


@pytest.mark.parametrize("hour", HOURS)
def test_a_birthday_is_due_once_a_year_at_its_hour(hour: int) -> None:
    for zone in transitions():
        wanted = rule("contact", Timing(hour=hour), zone=zone)
        for item in set(days_near(zone)):
            entry = dated_entry("contact", datetime(2000, item.month, item.day))  # noqa: DTZ001 (of no zone)
            dues = walk(wanted, entry, after=FIRST - 2 * DAY, until=LAST + 2 * DAY)
            years = [due for due in dues if due.slot in {"2026", "2027"}]

            assert [due.slot for due in years] == ["2026", "2027"], (zone, item)
            for due in years:
                day = birthday_in(int(due.slot), date(2000, item.month, item.day))
                assert is_first_at(due, datetime.combine(day, datetime.min.time()) + hour * MINUTE, zone), (zone, item)


@pytest.mark.parametrize("hour", HOURS)
def test_every_day_before_on_and_after_a_last_day_has_its_notice(hour: int) -> None:
    timing = Timing(hour=hour, days_before=(31, 4, 1, 0), every_days=1, at_most=3)
    days = [-31, -4, -1, 0, 1, 2, 3]
    for zone in transitions():
        wanted = rule("contract", timing, zone=zone)
        for last in days_near(zone)[::2]:
            dues = walk(
                wanted, dated_entry("contract", datetime.combine(last, datetime.min.time())), until=LAST + 99 * DAY
            )

            assert [-due.offset_minutes // 1440 for due in dues] == days, (zone, last)
            for due, after in zip(dues, days, strict=True):
                wall = datetime.combine(last + after * DAY, datetime.min.time()) + hour * MINUTE
                assert is_first_at(due, wall, zone), (zone, last)


@given(
    st.sampled_from(["meeting", "contact", "contract", "invoice"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001 (local)
    st.integers(0, 800 * 1440),
)
def test_the_same_moments_lie_ahead_wherever_the_walk_begins(record_kind: str, local: datetime, minutes: int) -> None:
    after = FIRST + minutes * MINUTE
    start = local.replace(tzinfo=UTC, microsecond=0)
    shown = (
        start.replace(tzinfo=None) if record_kind == "meeting" else datetime.combine(local.date(), datetime.min.time())
    )
    wanted, entry = (
        rule(record_kind, zone="UTC"),
        dated_entry(record_kind, shown, start=start if record_kind == "meeting" else None),
    )
    everything = walk(wanted, entry, after=FIRST - 400 * DAY, until=LAST + 1200 * DAY)

    assert next_due(wanted, entry, after=after) == next(due for due in [*everything, None] if not due or due.at > after)


@given(st.integers(1900, 2100), st.dates(date(2000, 1, 1), date(2000, 12, 31)))
def test_everybody_has_one_birthday_in_every_year(year: int, day: date) -> None:
    result = birthday_in(year, day)

    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    assert (result.year, result.month) == (year, day.month)
    assert result.day == (28 if (day.month, day.day) == (2, 29) and not is_leap else day.day)


SAMOA = "Pacific/Apia"


@pytest.mark.parametrize("hour", [0, 9 * 60])
def test_a_birthday_on_a_day_left_out_is_due_when_the_next_day_begins(hour: int) -> None:
    entry = dated_entry("contact", datetime(2000, 12, 30))  # noqa: DTZ001 (of no zone)
    dues = walk(
        samoan("contact", Timing(hour=hour)),
        entry,
        after=datetime(2011, 6, 1, tzinfo=UTC),
        until=datetime(2012, 6, 1, tzinfo=UTC),
    )

    assert [(due.at, due.slot) for due in dues] == [(datetime(2011, 12, 30, 10, tzinfo=UTC), "2011")]


@pytest.mark.parametrize(("hour", "offsets"), [(0, [0]), (9 * 60, [1440, 0])])
def test_notices_around_a_left_out_day_have_different_moments(hour: int, offsets: list[int]) -> None:
    last = dated_entry("contract", datetime(2011, 12, 31))  # noqa: DTZ001 (of no zone)
    dues = walk(samoan("contract", Timing(hour=hour, days_before=(1, 0))), last, after=NEVER)

    assert [due.offset_minutes for due in dues] == offsets
    assert all(due.at.astimezone(ZoneInfo(SAMOA)).date() == date(2011, 12, 31) for due in dues)


def samoan(record_kind: str, timing: Timing) -> ReminderRule:
    """Samoa went from 29 to 31 December 2011."""
    return rule(record_kind, timing, zone=SAMOA)

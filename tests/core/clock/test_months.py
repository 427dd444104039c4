from datetime import date, datetime
from zoneinfo import ZoneInfo

from worker.core.clock.months import month_of


def test_a_month_is_that_of_utc() -> None:
    assert month_of(datetime(2026, 12, 1, 1, 30, tzinfo=ZoneInfo("Europe/Kyiv"))) == date(2026, 11, 1)

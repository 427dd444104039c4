from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from worker.core.clock.coming_moment import coming_moment

KYIV = ZoneInfo("Europe/Kyiv")
#: 22:00 in Kyiv.
NOW = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("23:30", datetime(2026, 11, 30, 21, 30, tzinfo=UTC)),
        ("09:00", datetime(2026, 12, 1, 7, 0, tzinfo=UTC)),
        ("9:00", datetime(2026, 12, 1, 7, 0, tzinfo=UTC)),
        ("tomorrow 23:30", datetime(2026, 12, 1, 21, 30, tzinfo=UTC)),
        ("Завтра 09:00", datetime(2026, 12, 1, 7, 0, tzinfo=UTC)),
        ("today 22:01", datetime(2026, 11, 30, 20, 1, tzinfo=UTC)),
        ("2h", datetime(2026, 11, 30, 22, 0, tzinfo=UTC)),
        ("2026-12-02 08:15", datetime(2026, 12, 2, 6, 15, tzinfo=UTC)),
        ("2026-12-02T08:15:00+00:00", datetime(2026, 12, 2, 8, 15, tzinfo=UTC)),
        ("2027-03-28 03:30", datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
    ],
)
def test_a_moment_ahead_is_read_in_the_zone(text: str, moment: datetime) -> None:
    assert coming_moment(text, zone=KYIV, now=NOW) == moment


@pytest.mark.parametrize(
    "text", ["", "soon", "25:00", "09:60", "monday 09:00", "2026-13-01 09:00", "2026-12-01", "-2h"]
)
def test_what_is_no_moment_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(ValueError, match="is no moment: write it as 09:00"):
        coming_moment(text, zone=KYIV, now=NOW)


@pytest.mark.parametrize("text", ["today 21:00", "2026-11-30 22:00", "2020-01-01 09:00", "0"])
def test_a_moment_that_is_past_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is past|is no moment"):
        coming_moment(text, zone=KYIV, now=NOW)

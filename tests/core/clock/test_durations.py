from datetime import timedelta

import pytest

from worker.core.clock.durations import duration, format_duration


@pytest.mark.parametrize("text", ["90s", "10m", "24h", "7d", "0", "36h"])
def test_a_duration_is_shown_as_it_was_written(text: str) -> None:
    assert format_duration(duration(text)) == text


def test_an_odd_duration_is_shown_in_seconds() -> None:
    assert format_duration(timedelta(hours=1, seconds=0.5)) == "3600.5s"

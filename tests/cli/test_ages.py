from datetime import timedelta

import pytest

from worker.cli.ages import format_age

AGES = {
    -5: "0 s",
    0: "0 s",
    45: "45 s",
    60: "1 min",
    119: "1 min",
    3_600: "1 h",
    18_600: "5 h 10 min",
    86_400: "1 d",
    280_000: "3 d 5 h",
}


def test_an_age_is_said_in_its_largest_units(subtests: pytest.Subtests) -> None:
    for seconds, text in AGES.items():
        with subtests.test(text):
            assert format_age(timedelta(seconds=seconds)) == text

"""On which day of a year a person is congratulated."""

from __future__ import annotations

from datetime import date


def birthday_in(year: int, day: date) -> date:
    """The birthday in a year; who was born on 29 February has it on the 28th in common years."""
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)

"""When a birthday is in a year."""

from datetime import date


def birthday_in(year: int, day: date) -> date:
    """The birthday in a year; who was born on 29 February has it on the 28th in common years."""
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)

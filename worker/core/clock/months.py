"""Months of UTC, by which partitions are named."""

from datetime import UTC, date, datetime


def month_of(moment: datetime) -> date:
    """The first day of a moment's month."""
    return moment.astimezone(UTC).date().replace(day=1)

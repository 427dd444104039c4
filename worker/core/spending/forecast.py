"""What a month will have cost, by what it has cost so far."""

import calendar
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

#: A week has each of its days once, be it a Saturday.
LATELY = 7


def month_forecast(spent: Mapping[date, Decimal], *, today: date) -> Decimal | None:
    """What the month so far cost and its other days will, each as a day of the last week; None: nothing was spent then.

    Today is counted as it is and as no whole day: what it still takes is among the other days.
    """
    week = [today - timedelta(days=back) for back in range(1, LATELY + 1)]
    lately = sum((spent.get(day, Decimal(0)) for day in week), Decimal(0)) / LATELY
    so_far = sum(
        (cost for day, cost in spent.items() if (day.year, day.month) == (today.year, today.month)), Decimal(0)
    )
    if not lately and not so_far:
        return None
    days_left = calendar.monthrange(today.year, today.month)[1] - today.day
    return so_far + lately * days_left

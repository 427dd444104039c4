"""What a month will have cost."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from worker.core.spending.forecast import month_forecast

TODAY = date(2026, 12, 10)


def test_the_days_that_are_left_cost_as_those_of_the_last_week() -> None:
    spent = {TODAY - timedelta(days=back): Decimal(7) for back in range(1, 8)} | {TODAY: Decimal(3)}

    assert month_forecast(spent, today=TODAY) == Decimal(7 * 7 + 3 + 21 * 7)


def test_where_nothing_was_spent_nobody_knows() -> None:
    assert month_forecast({}, today=TODAY) is None
    assert month_forecast({date(2026, 11, 1): Decimal(5)}, today=TODAY) is None


def test_last_months_days_count_for_the_week_and_not_for_the_month() -> None:
    assert month_forecast({date(2026, 11, 30): Decimal(7)}, today=date(2026, 12, 1)) == Decimal(30)


DAYS = st.dates(date(2026, 12, 1), date(2026, 12, 31))
SPENT = st.dictionaries(st.dates(date(2026, 11, 1), date(2026, 12, 31)), st.decimals(0, 1000, places=2))


@given(SPENT, DAYS)
def test_a_month_never_comes_to_less_than_it_has(spent: dict[date, Decimal], today: date) -> None:
    so_far = sum((cost for day, cost in spent.items() if day.month == today.month), Decimal(0))

    assert (month_forecast(spent, today=today) or Decimal(0)) >= so_far

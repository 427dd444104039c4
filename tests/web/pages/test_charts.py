"""Bars fit their drawing, whatever the figures."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from worker.web.pages.charts import HEIGHT, WIDTH, bars

VALUES = st.lists(st.decimals(-1000, 1_000_000, places=4), max_size=400)


@given(VALUES)
def test_bars_fit_the_drawing_and_the_highest_fills_it(values: list[Decimal]) -> None:
    drawn = bars((str(value), value) for value in values)

    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH + 0.1 for bar in drawn)
    assert all(bar.y >= 0 and bar.y + bar.height <= HEIGHT + 0.1 for bar in drawn)
    assert bool(drawn) == any(value > 0 for value in values)
    assert max((bar.height for bar in drawn), default=HEIGHT) == HEIGHT


def test_a_little_is_seen_and_nothing_is_not() -> None:
    [_much, little, nothing] = bars([("a", Decimal(1_000_000)), ("b", Decimal("0.01")), ("c", Decimal(0))])

    assert (little.height, nothing.height) == (1.0, 0.0)

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.examples import NOW
from worker.core.spending.runway import Balance, hours_left

HOUR = timedelta(hours=1)
MONEY = st.decimals(0, 10_000, places=2)


def known(*samples: tuple[float, str]) -> list[Balance]:
    """Hours ago, and what there was."""
    return [Balance(NOW - ago * HOUR, Decimal(money)) for ago, money in samples]


def test_the_runway_follows_from_the_days_spending() -> None:
    assert hours_left(known((24, "240"), (12, "180"), (4, "120"), (0, "120")), now=NOW) == pytest.approx(24)


def test_the_last_hours_count_where_they_spend_faster() -> None:
    assert hours_left(known((24, "200"), (3, "190"), (1, "130"), (0, "100")), now=NOW) == pytest.approx(100 / 30)


def test_a_top_up_is_not_taken_for_saved_spending() -> None:
    assert hours_left(known((10, "100"), (5, "50"), (4, "1050"), (0, "1000")), now=NOW) == pytest.approx(100)


@pytest.mark.parametrize(
    "samples", [known(), known((0, "5")), known((0.5, "90"), (0, "5")), known((24, "5"), (0, "5")), known((-1, "5"))]
)
def test_without_known_spending_there_is_no_runway(samples: list[Balance]) -> None:
    assert hours_left(samples, now=NOW) is None


def test_a_negative_balance_has_a_runway_of_0_hours() -> None:
    assert hours_left(known((3, "10"), (0, "-2.50")), now=NOW) == 0


@given(st.lists(st.tuples(st.floats(0, 48), MONEY), max_size=20).map(lambda samples: sorted(samples, reverse=True)))
def test_a_forecast_is_never_negative_and_does_not_hang_on_the_order(samples: list[tuple[float, Decimal]]) -> None:
    balances = [Balance(NOW - ago * HOUR, money) for ago, money in samples]
    result = hours_left(balances, now=NOW)

    assert result is None or result >= 0
    assert len({balance.at for balance in balances}) < len(balances) or result == hours_left(
        reversed(balances), now=NOW
    )


@given(st.decimals("0.01", 100, places=2), st.integers(60, 1440))
def test_steady_spending_is_foretold_to_the_hour(each: Decimal, minutes: int) -> None:
    steps = range(0, minutes + 1, 10)
    balances = [Balance(NOW - timedelta(minutes=ago), Decimal(1000) + each * ago / 10) for ago in steps]
    first = max(steps)

    result = hours_left(balances, now=NOW)

    assert result == (pytest.approx(1000 / float(each * 6)) if first >= 60 else None)

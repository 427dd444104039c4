from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.accounts.price import RECENT, UNKNOWN, Price, Prices, price_of, typical
from worker.core.spending.cost_estimate import Spent, expected

PRICED = Prices(Price(Decimal("0.95"), "set"), Price(Decimal("0.40"), "learned"))
PRICES = st.decimals("0.0001", "9.9999", places=4)


def test_a_price_that_was_set_counts_before_a_learned_price() -> None:
    amount, learned = Decimal("1.10"), Decimal("0.95")

    assert price_of(amount, learned) == Price(amount, "set")
    assert price_of(None, learned) == Price(learned, "learned")
    assert price_of(None, None) == UNKNOWN
    assert price_of(Decimal(0), learned) == Price(Decimal(0), "set")


@given(st.lists(PRICES, min_size=0, max_size=RECENT // 2 - 1), PRICES)
def test_odd_messages_do_not_move_the_price(odd: list[Decimal], usual: Decimal) -> None:
    recent = [*odd, *[usual] * (RECENT - len(odd))]

    assert typical(recent) == usual


@given(st.lists(PRICES, min_size=1))
def test_a_learned_price_is_among_those_that_were_charged(recent: list[Decimal]) -> None:
    assert typical([*recent, Decimal(0)]) in recent


def test_free_messages_teach_nothing() -> None:
    assert typical([]) is None
    assert typical([Decimal(0)] * 9) is None


@pytest.mark.parametrize(
    ("channel", "segments", "spent"),
    [
        ("sms", 3, Spent(Decimal("2.85"), 3)),
        ("viber", 0, Spent(Decimal("0.40"), 1)),
        ("viber_then_sms", 2, Spent(Decimal("2.30"), 3)),
    ],
)
def test_each_channel_has_its_price_and_a_hybrid_both(channel: str, segments: int, spent: Spent) -> None:
    assert expected(channel, segments, PRICED) == spent


def test_an_unknown_viber_price_is_an_sms_segments_and_unknown_sms_is_0() -> None:
    assert expected("viber", 0, Prices(PRICED.sms)) == Spent(Decimal("0.95"), 1)
    assert expected("sms", 2, Prices()) == Spent(Decimal(0), 2)

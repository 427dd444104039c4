from datetime import date
from decimal import Decimal

import pytest

from worker.core.accounts.price import Price, Prices
from worker.core.spending.cost_report import Taken, Tally, added_up, tally_of

PRICES = Prices(Price(Decimal("0.90"), "set"), Price(Decimal("0.40"), "learned"))


def taken(channel: str = "sms", *, messages: int = 3, segments: int = 6, known: str = "1.9", of: int = 1) -> Taken:
    open_segments = 0 if channel == "viber" else segments - 2 * of
    return Taken("acme", date(2026, 11, 28), "a", channel, messages, segments, Decimal(known), of, open_segments)


def test_reported_prices_are_known_and_the_rest_is_estimated() -> None:
    tally = tally_of(taken(), PRICES)

    assert (tally.known, tally.estimated, tally.estimated_messages) == (Decimal("1.9"), Decimal("3.60"), 2)
    assert tally.cost == Decimal("5.50")


@pytest.mark.parametrize(("channel", "estimated"), [("viber", "0.80"), ("viber_then_sms", "4.40")])
def test_viber_costs_by_the_message_and_a_hybrid_both(channel: str, estimated: str) -> None:
    assert tally_of(taken(channel), PRICES).estimated == Decimal(estimated)


def test_without_a_price_nothing_is_guessed() -> None:
    tally = tally_of(taken(), Prices())

    assert (tally.cost, tally.estimated_messages, tally.unpriced_messages) == (Decimal("1.9"), 0, 2)


def test_costs_add_up_whatever_they_are_grouped_by() -> None:
    days = [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2)]
    rows = [Taken("acme", day, trigger, "sms", 1, 1, Decimal(1), 1, 0) for day in days for trigger in "ab"]

    by_month = added_up(rows, {}, {"month"})
    by_week = added_up(rows, {}, {"trigger", "week"})

    assert {key: tally.messages for key, tally in by_month.items()} == {("2026-10-01",): 2, ("2026-11-01",): 4}
    assert list(by_week) == [(name, week) for name in "ab" for week in ("2026-10-26", "2026-11-02")]
    for sums in (by_month, by_week):
        assert sum(sums.values(), Tally()) == Tally(6, 6, Decimal(6))

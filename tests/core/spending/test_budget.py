from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.examples import NOW, account
from tests.core.sending.test_frequency_cap import a_row
from worker.core.accounts.account import Account, Budget
from worker.core.accounts.price import Price, Prices
from worker.core.sending.eligibility import Allowed, Claimed, Postponed
from worker.core.spending.alert import ALERT, AccountAlert
from worker.core.spending.budget import WHOLE, afford, budget_alerts, cost_of, day_of, next_day
from worker.core.spending.cost_estimate import Spent

HRYVNIA = Prices(Price(Decimal(1), "set"))
TICK = timedelta(microseconds=1)
BUDGETS = st.builds(Budget, st.none() | st.decimals("0.5", 20, places=2), st.none() | st.integers(1, 20))


def held(budget: Budget | None = None, prices: Prices = HRYVNIA, **budgets: Budget) -> Account:
    cost, segments = (budget.cost, budget.segments) if budget else (None, None)
    over = "stop" if budget is None or budget.is_stop else "alert"
    limits = {"daily_budget": cost, "daily_segments": segments, "over_budget": over}
    return replace(account(), **limits, budgets=budgets, prices=prices)


def text(number: int, segments: int = 1, trigger: str = "a", channel: str = "sms") -> Claimed:
    return replace(a_row(number), segments=segments, trigger=trigger, channel=channel)


def may_go(rows: Sequence[Claimed], held_to: Account, **spent: Spent) -> list[int]:
    decided = afford(rows, spent, held_to, now=NOW).decided
    assert [row for row, _ in decided] == list(rows)
    return [row.notification_id[1] for row, decision in decided if isinstance(decision, Allowed)]


def alert_names(alerts: Sequence[AccountAlert]) -> list[str]:
    return [alert.name for alert in alerts]


def hryvnias(amount: int) -> Spent:
    return Spent(Decimal(amount), amount)


def test_a_budget_lets_exactly_its_money_go() -> None:
    rows = [text(number) for number in range(5)]

    assert may_go(rows, held(Budget(Decimal(3)))) == [0, 1, 2]
    assert may_go(rows, held(Budget(Decimal(3))), a=hryvnias(2)) == [0]
    assert may_go(rows, held(Budget(Decimal("2.99")))) == [0, 1]


def test_a_budget_of_segments_needs_no_price() -> None:
    rows = [text(1, segments=3), text(2, segments=2), text(3, channel="viber")]

    assert may_go(rows, held(Budget(segments=4), Prices())) == [1, 3]


def test_a_text_over_budget_leaves_its_room_to_a_cheaper_text() -> None:
    assert may_go([text(1, segments=9), text(2)], held(Budget(Decimal(3)))) == [2]


def test_a_triggers_budget_holds_only_that_trigger() -> None:
    rows = [text(1, trigger="a"), text(2, trigger="a"), text(3, trigger="b"), text(4, trigger="b")]
    afforded = afford(rows, {}, held(Budget(Decimal(2)), a=Budget(Decimal(1))), now=NOW)

    assert [isinstance(decision, Allowed) for _, decision in afforded.decided] == [True, False, True, False]
    assert afforded.full == {"a", WHOLE}


def test_every_lane_is_held_to_it() -> None:
    rows = [replace(text(number), lane=lane) for number, lane in enumerate(("bulk", "urgent", "normal"))]

    assert may_go(rows, held(Budget(Decimal(1)))) == [0]


def test_a_budget_that_only_alerts_stops_nothing() -> None:
    rows = [text(number) for number in range(3)]
    account = held(Budget(Decimal(2), is_stop=False))

    assert may_go(rows, account) == [0, 1, 2]
    assert alert_names(list(budget_alerts({}, {"a": hryvnias(3)}, (), account, now=NOW))) == ["budget.spent"]


def test_an_alert_ignores_the_spent_budget_and_counts_to_it() -> None:
    account = held(Budget(Decimal(1)))

    assert may_go([text(1), text(2, trigger=ALERT), text(3)], account) == [1, 2]
    assert may_go([text(1, trigger=ALERT), text(2)], account) == [1]


def test_a_text_over_budget_waits_for_the_accounts_next_day() -> None:
    ((_, decision),) = afford([text(1)], {"a": hryvnias(1)}, held(Budget(Decimal(1))), now=NOW).decided

    assert decision == Postponed(next_day("Europe/Kyiv", NOW), "budget_spent")


@given(
    st.lists(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 4)), max_size=6), max_size=6),
    BUDGETS,
    BUDGETS,
    st.sampled_from([Prices(), HRYVNIA, Prices(Price(Decimal("0.37"), "learned"))]),
)
def test_no_budget_is_exceeded_by_any_claims_of_a_day(
    batches: list[list[tuple[str, int]]], whole: Budget, of_a: Budget, prices: Prices
) -> None:
    account, spent = held(whole, prices, a=of_a), dict[str, Spent]()

    for batch in batches:
        rows = [text(number, segments, trigger) for number, (trigger, segments) in enumerate(batch)]
        for row, decision in afford(rows, spent, account, now=NOW).decided:
            if isinstance(decision, Allowed):
                spent[row.trigger] = spent.get(row.trigger, Spent()) + cost_of(row, account)

    for budget, taken in ((whole, sum(spent.values(), Spent())), (of_a, spent.get("a", Spent()))):
        assert budget.cost is None or taken.cost <= budget.cost
        assert budget.segments is None or taken.segments <= budget.segments


def test_a_budget_alerts_at_80_percent_and_at_its_end_once_a_day() -> None:
    account = held(Budget(Decimal(10)))
    steps = [list(budget_alerts({"a": hryvnias(n)}, {"a": hryvnias(1)}, (), account, now=NOW)) for n in range(10)]

    assert [alert_names(alerts) for alerts in steps] == [[]] * 7 + [["budget.nearly_spent"]] * 2 + [["budget.spent"]]
    assert len({alert.subject for alerts in steps for alert in alerts}) == 1


def test_a_row_over_budget_alerts_that_the_budget_is_spent() -> None:
    account = held(Budget(Decimal(10)), a=Budget(Decimal(5)))

    assert alert_names(list(budget_alerts({"a": hryvnias(4)}, {}, {"a"}, account, now=NOW))) == ["budget.spent/a"]
    assert alert_names(list(budget_alerts({"a": hryvnias(4)}, {"b": hryvnias(1)}, {WHOLE}, account, now=NOW))) == [
        "budget.spent"
    ]


def test_a_raised_budget_and_another_day_alert_anew() -> None:
    subjects = {
        alert.subject
        for budget in (10, 20)
        for day in (NOW, NOW + timedelta(days=1))
        for alert in budget_alerts({}, {}, {WHOLE}, held(Budget(Decimal(budget))), now=day)
    }

    assert len(subjects) == 4


ZONES = ["Europe/Kyiv", "UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "America/Havana", "Asia/Beirut"]


@given(st.integers(0, 22 * 366 * 24 * 60), st.sampled_from(ZONES))
def test_the_next_day_begins_with_its_first_moment_whatever_the_clocks_do(minutes: int, zone: str) -> None:
    now = datetime(2008, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    begins = next_day(zone, now)

    assert begins > now
    assert begins - now <= timedelta(hours=25)
    assert day_of(zone, begins - TICK) == day_of(zone, now) < day_of(zone, begins)


@pytest.mark.parametrize(
    ("zone", "now", "begins"),
    [
        ("Europe/Kyiv", "2026-03-28T23:30+00:00", "2026-03-29T21:00+00:00"),
        ("Europe/Kyiv", "2026-10-24T21:00+00:00", "2026-10-25T22:00+00:00"),
        ("Asia/Beirut", "2026-03-28T20:00+00:00", "2026-03-28T22:00+00:00"),
        ("Pacific/Apia", "2011-12-30T09:00+00:00", "2011-12-30T10:00+00:00"),
    ],
)
def test_a_day_ends_with_the_accounts_clocks(zone: str, now: str, begins: str) -> None:
    assert next_day(zone, datetime.fromisoformat(now)) == datetime.fromisoformat(begins)

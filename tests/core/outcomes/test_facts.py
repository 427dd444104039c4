from datetime import date
from decimal import Decimal

import pytest

from worker.core.outcomes.facts import budget_outcome
from worker.core.spending.alert import AccountAlert

DAY = date(2026, 12, 1)
HRYVNIAS = {"budget": "500.00", "spent": "510", "spent_segments": 3}
BOTH = HRYVNIAS | {"budget_segments": "100"}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (HRYVNIAS, (None, Decimal(500), "UAH")),
        (BOTH | {"trigger": "order_created"}, ("order_created", Decimal(500), "UAH")),
        (BOTH | {"spent_segments": 150}, (None, Decimal(100), "segments")),
    ],
)
def test_a_spent_budget_is_the_limit_that_was_reached(
    facts: dict[str, object], expected: tuple[str | None, Decimal, str]
) -> None:
    outcome = budget_outcome(AccountAlert("acme", "budget.spent", "2026-12-01 500.00 100", facts))

    assert (outcome.trigger, outcome.budget, outcome.unit, outcome.day) == (*expected, DAY)

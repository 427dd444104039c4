"""What each account has spent today, and what it has left at TurboSMS: for the eyes of operators."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from worker.core.accounts.account import Budget, budget_of
from worker.core.spending.cost_estimate import Spent
from worker.core.spending.runway import SPANS, Balance
from worker.store.db.postgres import Connection

SPENT = """
SELECT
    a.id, s.trigger, sum(CASE WHEN s.is_refund THEN -s.cost ELSE s.cost END),
    sum(CASE WHEN s.is_refund THEN -s.segments ELSE s.segments END)
FROM accounts AS a
INNER JOIN spending AS s ON a.id = s.account AND s.day = (%(now)s::timestamptz AT TIME ZONE a.zone)::date
GROUP BY a.id, s.trigger
ORDER BY a.id, s.trigger
"""

BUDGETS = """
SELECT account, trigger, daily_budget, daily_segments, over_budget FROM triggers
WHERE daily_budget IS NOT NULL OR daily_segments IS NOT NULL
"""

BALANCES = """
SELECT a.id, b.at, b.balance
FROM accounts AS a
CROSS JOIN LATERAL (SELECT at, balance FROM balances WHERE account = a.id AND at >= %(since)s) AS b
ORDER BY a.id, b.at
"""


@dataclass(frozen=True, slots=True)
class Today:
    """Money by account: what each trigger spent, budgets of triggers, and balances of the last day."""

    spent: Mapping[str, Mapping[str, Spent]]
    budgets: Mapping[str, Mapping[str, Budget]]
    balances: Mapping[str, list[Balance]]


def today(connection: Connection, *, now: datetime) -> Today:
    spent: dict[str, dict[str, Spent]] = defaultdict(dict)
    for account, trigger, cost, segments in connection.execute(SPENT, {"now": now}):
        spent[account][trigger] = Spent(Decimal(cost), int(segments))
    budgets: dict[str, dict[str, Budget]] = defaultdict(dict)
    for account, trigger, *limits in connection.execute(BUDGETS):
        if budget := budget_of(*limits):
            budgets[account][trigger] = budget
    balances: dict[str, list[Balance]] = defaultdict(list)
    for account, at, balance in connection.execute(BALANCES, {"since": now - max(SPANS)}):
        balances[account].append(Balance(at, balance))
    return Today(spent, budgets, balances)

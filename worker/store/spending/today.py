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
WHERE %(account)s::text IS NULL OR a.id = %(account)s
GROUP BY a.id, s.trigger
ORDER BY a.id, s.trigger
"""

BUDGETS = """
SELECT account, trigger, daily_budget, daily_segments, over_budget FROM triggers
WHERE
    (daily_budget IS NOT NULL OR daily_segments IS NOT NULL)
    AND (%(account)s::text IS NULL OR account = %(account)s)
"""

BALANCES = """
SELECT a.id, b.at, b.balance
FROM accounts AS a
CROSS JOIN LATERAL (SELECT at, balance FROM balances WHERE account = a.id AND at >= %(since)s) AS b
WHERE %(account)s::text IS NULL OR a.id = %(account)s
ORDER BY a.id, b.at
"""


@dataclass(frozen=True, slots=True)
class Today:
    """Money by account: what each trigger spent, budgets of triggers, and balances of the last day."""

    spent: Mapping[str, Mapping[str, Spent]]
    budgets: Mapping[str, Mapping[str, Budget]]
    balances: Mapping[str, list[Balance]]


def today(connection: Connection, of_account: str | None = None, *, now: datetime) -> Today:
    """Money of all accounts, or of one."""
    asked = {"account": of_account}
    spent: dict[str, dict[str, Spent]] = defaultdict(dict)
    for account, trigger, cost, segments in connection.execute(SPENT, {**asked, "now": now}):
        spent[account][trigger] = Spent(Decimal(cost), int(segments))
    budgets: dict[str, dict[str, Budget]] = defaultdict(dict)
    for account, trigger, *limits in connection.execute(BUDGETS, asked):
        if budget := budget_of(*limits):
            budgets[account][trigger] = budget
    balances: dict[str, list[Balance]] = defaultdict(list)
    for account, at, balance in connection.execute(BALANCES, {**asked, "since": now - max(SPANS)}):
        balances[account].append(Balance(at, balance))
    return Today(spent, budgets, balances)

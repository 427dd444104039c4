"""What an account and each of its triggers may spend in a day of the account's zone, asked at every claim.

A budget holds in every lane, or it would be none: who wants urgent texts to go in any case gives the other triggers
budgets of their own, or is only alerted. What was claimed counts until TurboSMS refuses it for certain; what was POSTed
once is POSTed again whatever is left, for it was counted then.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from worker.core.accounts.account import Account, Budget
from worker.core.clock.quiet_hours import moment, zone_of
from worker.core.sending.eligibility import Allowed, Claimed, Decision, Postponed
from worker.core.spending.alert import ALERT, BUDGET_NEARLY_SPENT, BUDGET_SPENT, AccountAlert
from worker.core.spending.cost_estimate import Spent, expected

#: The reason of a row that waits for the next day.
REASON = "budget_spent"
#: The key of the account's own budget among those of triggers.
WHOLE = ""
#: The part of a budget that raises an alert before it is spent.
NEARLY = Decimal("0.8")


@dataclass(slots=True)
class Afforded:
    decided: list[tuple[Claimed, Decision]] = field(default_factory=list[tuple[Claimed, Decision]])
    full: set[str] = field(default_factory=set[str])


def day_of(zone: str, now: datetime) -> date:
    return now.astimezone(zone_of(zone)).date()


def next_day(zone: str, now: datetime) -> datetime:
    """When the account's next date begins (UTC), whatever the clocks do at midnight."""
    midnight = datetime.combine(day_of(zone, now) + timedelta(days=1), datetime.min.time())
    return moment(midnight, zone=zone)


def budgets_on(trigger: str, account: Account) -> dict[str, Budget]:
    """The budgets that hold for texts of a trigger; no budget holds up alerts."""
    if trigger == ALERT:
        return {}
    budgets = {WHOLE: account.budget, trigger: account.budgets.get(trigger)}
    return {scope: budget for scope, budget in budgets.items() if budget}


def cost_of(row: Claimed, account: Account) -> Spent:
    return expected(row.channel, row.segments, account.prices)


def afford(rows: Iterable[Claimed], spent: Mapping[str, Spent], account: Account, *, now: datetime) -> Afforded:
    """Decide which rows the budgets of the day have room for, after what each trigger has `spent`."""
    so_far = tallied(spent)
    afforded = Afforded()
    for row in rows:
        budgets, wanted = budgets_on(row.trigger, account), cost_of(row, account)
        full = {
            scope
            for scope, budget in budgets.items()
            if budget.is_stop and not has_room(budget, so_far[scope] + wanted)
        }
        if full:
            afforded.full |= full
            afforded.decided.append((row, Postponed(next_day(account.zone, now), REASON)))
        else:
            for scope in {WHOLE, row.trigger}:
                so_far[scope] += wanted
            afforded.decided.append((row, Allowed()))
    return afforded


def tallied(spent: Mapping[str, Spent]) -> defaultdict[str, Spent]:
    totals = defaultdict(Spent, spent)
    totals[WHOLE] = sum(spent.values(), Spent())
    return totals


def has_room(budget: Budget, spent: Spent) -> bool:
    is_cheap = budget.cost is None or spent.cost <= budget.cost
    return is_cheap and (budget.segments is None or spent.segments <= budget.segments)


def share(budget: Budget, spent: Spent) -> Decimal:
    parts = [Decimal(0)]
    if budget.cost is not None:
        parts.append(spent.cost / budget.cost)
    if budget.segments is not None:
        parts.append(Decimal(spent.segments) / budget.segments)
    return max(parts)


def budget_alerts(
    before: Mapping[str, Spent], going: Mapping[str, Spent], full: Iterable[str], account: Account, *, now: datetime
) -> Iterator[AccountAlert]:
    """Alerts once these go as well: a budget that is spent, or nearly so.

    Raised as long as it holds, for the first time may fall into the silence after the day before; its subject is the
    day and the budget, so that it is sent once. A budget that is raised is another one, with an alert of its own.
    """
    held = {WHOLE: account.budget, **account.budgets}
    was, added, exhausted = tallied(before), tallied(going), set(full)
    for scope, budget in sorted(held.items()):
        if budget is None or not (scope in exhausted or added[scope].segments):
            continue
        after = was[scope] + added[scope]
        part = share(budget, after)
        if scope in exhausted or part >= 1:
            yield budget_alert(BUDGET_SPENT, scope, budget, after, account, now=now)
        elif part >= NEARLY:
            yield budget_alert(BUDGET_NEARLY_SPENT, scope, budget, after, account, now=now)


def budget_alert(
    name: str, scope: str, budget: Budget, spent: Spent, account: Account, *, now: datetime
) -> AccountAlert:
    limits = {"budget": budget.cost, "budget_segments": budget.segments}
    facts: dict[str, object] = {key: str(value) for key, value in limits.items() if value is not None}
    facts |= {"spent": str(spent.cost), "spent_segments": spent.segments, "stops": budget.is_stop}
    if scope:
        facts["trigger"] = scope
    subject = f"{day_of(account.zone, now)} {budget.cost} {budget.segments}"
    return AccountAlert(account.id, f"{name}/{scope}" if scope else name, subject, facts)

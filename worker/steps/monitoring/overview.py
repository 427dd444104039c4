"""Everything that an operator wants to see at one look: what goes, what waits for what, what it costs, who works."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from worker.core.accounts.account import Budget, budget_of
from worker.core.lanes import LANES
from worker.core.monitoring.departure import Departure, Hold, WaitingText, departure
from worker.core.sending.notification_states import WAITING
from worker.core.spending.budget import WHOLE, tallied
from worker.core.spending.cost_estimate import Spent
from worker.core.spending.runway import hours_left
from worker.store.accounts import accounts
from worker.store.accounts.accounts import AccountSummary
from worker.store.db.postgres import Connection, clock
from worker.store.monitoring import lately, ledger_status, task_status, waiting_texts
from worker.store.monitoring.lately import Lately
from worker.store.monitoring.task_status import TaskRun, lives
from worker.store.monitoring.waiting_texts import Waiting
from worker.store.outcomes import outbox
from worker.store.spending.today import Today, today


@dataclass(frozen=True, slots=True)
class OldestText:
    text: WaitingText
    departure: Departure


@dataclass(frozen=True, slots=True)
class LaneView:
    """A lane: its texts by state, and the one that has waited for longest."""

    lane: str
    planned: int
    postponed: int
    sending: int
    oldest: OldestText | None


@dataclass(frozen=True, slots=True)
class Wait:
    """Texts of an account that wait for the same, and when the first of them goes."""

    waits_for: str | None
    texts: int
    first: Departure


@dataclass(frozen=True, slots=True)
class SpentToday:
    """What was spent today, of which budget; `trigger` is None for the whole account."""

    trigger: str | None
    spent: Spent
    budget: Budget | None


@dataclass(frozen=True, slots=True)
class AccountView:
    account: str
    waits: Sequence[Wait]
    spent: Sequence[SpentToday]
    balance: Decimal | None
    balance_at: datetime | None
    hours_left: float | None


@dataclass(frozen=True, slots=True)
class Schedulers:
    """Who keeps the timetable, the latest run of its tasks, and the tasks that fail."""

    living: Sequence[str]
    lag: timedelta
    latest: str | None
    failing: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Overview:
    """One look at the ledger.

    Attributes:
        overdue: by lane, how long a text has waited that might have gone.
        dead: open dead letters by age.
        outcomes_waiting: by account, how long its CRM has not heard of what it wants to.
    """

    at: datetime
    lanes: Sequence[LaneView]
    overdue: Mapping[str, timedelta]
    holds: Sequence[Hold]
    accounts: Sequence[AccountView]
    lately: Lately
    dead: Mapping[str, int]
    schedulers: Schedulers
    outcomes_waiting: Mapping[str, timedelta]


@dataclass(frozen=True, slots=True)
class AccountOverview:
    """One look at an account, and at what it waits for."""

    at: datetime
    view: AccountView
    holds: Sequence[Hold]


def account_overview(connection: Connection, account: str) -> AccountOverview | None:
    """Look at one account, and at nothing of the others'; None where there is no such one."""
    now = clock(connection)
    item = next(iter(accounts.list_accounts(connection, account)), None)
    if item is None:
        return None
    holds = waiting_texts.holds(connection, account, now=now)
    waiting, money = waiting_texts.waiting(connection, LANES, account), today(connection, account, now=now)
    return AccountOverview(now, account_view(item, waiting, holds, money, now=now), holds)


def overview(connection: Connection, account: str | None = None) -> Overview:
    """Look at everything, or at one account and what concerns all."""
    now = clock(connection)
    status, holds = ledger_status.look(connection, LANES, now=now), waiting_texts.holds(connection, now=now)
    waiting = waiting_texts.waiting(connection, LANES)
    money = today(connection, now=now)
    return Overview(
        at=now,
        lanes=[lane_view(lane, waiting, status.waiting.get((lane, "sending"), 0), holds, now=now) for lane in LANES],
        overdue={lane: timedelta(seconds=seconds) for lane, seconds in status.oldest_s.items()},
        holds=[hold for hold in holds if account is None or hold.account in {None, account}],
        accounts=[
            account_view(item, waiting, holds, money, now=now)
            for item in accounts.list_accounts(connection)
            if account is None or item.id == account
        ],
        lately=lately.lately(connection, now=now),
        dead=status.dead,
        schedulers=schedulers(task_status.list_runs(connection), now=now),
        outcomes_waiting={
            name: now - at
            for name, at in outbox.waiting_since(connection).items()
            if account is None or name == account
        },
    )


def lane_view(lane: str, waiting: Iterable[Waiting], sending: int, holds: Sequence[Hold], *, now: datetime) -> LaneView:
    mine = [group for group in waiting if group.oldest.lane == lane]
    oldest = min((group.oldest for group in mine), key=lambda text: text.created_at, default=None)
    by_state = {state: sum(g.texts for g in mine if g.oldest.state == state) for state in WAITING}
    oldest_text = OldestText(oldest, departure(oldest, holds, now=now)) if oldest else None
    return LaneView(lane, by_state["planned"], by_state["postponed"], sending, oldest_text)


def account_view(
    account: AccountSummary, waiting: Iterable[Waiting], holds: Sequence[Hold], money: Today, *, now: datetime
) -> AccountView:
    mine = [group for group in waiting if group.oldest.account == account.id]
    balances = money.balances.get(account.id, [])
    newest = balances[-1] if balances else None
    return AccountView(
        account.id,
        waits_of(mine, holds, now=now),
        spent_today(account, money),
        newest and newest.money,
        newest and newest.at,
        hours_left(balances, now=now),
    )


def waits_of(waiting: Iterable[Waiting], holds: Sequence[Hold], *, now: datetime) -> list[Wait]:
    """What texts wait for, the most texts first."""
    texts: dict[str | None, int] = defaultdict(int)
    first: dict[str | None, Departure] = {}
    for group in waiting:
        leaves = departure(group.oldest, holds, now=now)
        known = first.get(leaves.waits_for)
        texts[leaves.waits_for] += group.texts
        first[leaves.waits_for] = earlier(known, leaves) if known else leaves
    waits = [Wait(waits_for, count, first[waits_for]) for waits_for, count in texts.items()]
    return sorted(waits, key=lambda wait: -wait.texts)


def earlier(one: Departure, other: Departure) -> Departure:
    if one.at is None or other.at is None:
        return one if other.at is None else other
    return one if one.at <= other.at else other


def spent_today(account: AccountSummary, money: Today) -> list[SpentToday]:
    """The whole account, and each trigger that has a budget."""
    spent = tallied(money.spent.get(account.id, {}))
    budgets = money.budgets.get(account.id, {})
    held = account.settings
    budget = budget_of(held.daily_budget, held.daily_segments, held.over_budget)
    whole = SpentToday(None, spent[WHOLE], budget)
    return [whole, *(SpentToday(trigger, spent[trigger], limits) for trigger, limits in sorted(budgets.items()))]


def schedulers(runs: Iterable[TaskRun], *, now: datetime) -> Schedulers:
    living = [run for run in runs if lives(run, now=now)]
    latest = max(living, key=lag, default=None)
    return Schedulers(
        sorted({run.runner for run in living}),
        lag(latest) if latest else timedelta(),
        latest and latest.task,
        {run.task: run.failure for run in living if run.failure},
    )


def lag(run: TaskRun) -> timedelta:
    """How late a task was when it was reported, or at its last run."""
    return max(run.lag, run.reported_at - run.next_at, timedelta())

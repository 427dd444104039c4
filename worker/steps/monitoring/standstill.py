"""What stands still, so that texts do not go though nobody cancelled them: nobody is content while it does."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.core.monitoring.departure import Hold
from worker.core.spending.budget import REASON as BUDGET_SPENT
from worker.steps.monitoring.overview import Overview

#: What nothing holds goes within seconds; a worker that ends, or a provider that is slow, takes a few minutes.
LATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Paused:
    hold: Hold


@dataclass(frozen=True, slots=True)
class OverBudget:
    """Texts of an account that wait for another day, or for a larger budget."""

    account: str
    texts: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Overdue:
    """A lane with texts that nothing holds, and that nobody sends."""

    lane: str
    age: timedelta


@dataclass(frozen=True, slots=True)
class FailingTask:
    task: str
    why: str


@dataclass(frozen=True, slots=True)
class WaitingOutcomes:
    """An account whose CRM does not hear what became of its texts."""

    account: str
    age: timedelta


Standstill = Paused | OverBudget | Overdue | FailingTask | WaitingOutcomes


def standstills(view: Overview) -> Iterator[Standstill]:
    yield from map(Paused, view.holds)
    for account in view.accounts:
        for wait in account.waits:
            if wait.waits_for == BUDGET_SPENT:
                yield OverBudget(account.account, wait.texts, wait.first.at)
    yield from (Overdue(lane, age) for lane, age in view.overdue.items() if age > LATE)
    yield from (WaitingOutcomes(account, age) for account, age in view.outcomes_waiting.items() if age > LATE)
    yield from (FailingTask(task, why) for task, why in view.schedulers.failing.items())

"""What a changed budget asks for: a price to count with, and another look at what waits for the old one."""

from worker.core.accounts.settings import AccountSettings
from worker.store.accounts import account_settings, trigger_settings
from worker.store.accounts.trigger_settings import TriggerSettings
from worker.store.db.postgres import Connection, clock
from worker.store.spending import daily_spending, prices

#: Whoever has a budget.
Held = AccountSettings | TriggerSettings


def lacks_price(connection: Connection, account: str) -> bool:
    """Whether hryvnias are to be counted and nobody knows what a segment costs, so that a budget would hold nothing."""
    settings = account_settings.read(connection, account)
    if settings is None or settings.segment_price is not None or "sms" in prices.learned(connection, account):
        return False
    held: list[Held] = [settings, *trigger_settings.list_trigger_settings(connection, account).values()]
    return any(item.daily_budget is not None and item.daily_segments is None for item in held)


def wake(connection: Connection, account: str, before: Held, after: Held) -> None:
    """What waits for a budget is looked at now where that budget has changed."""
    if budget_of(before) != budget_of(after):
        daily_spending.wake(connection, account, now=clock(connection))


def budget_of(held: Held) -> tuple[object, ...]:
    return held.daily_budget, held.daily_segments, held.over_budget

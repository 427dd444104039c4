"""What a changed budget asks for: a price to count with, and another look at what waits for the old one."""

from worker.cli.terminal import Exit, stop
from worker.core.accounts.settings import AccountSettings
from worker.language import _
from worker.store.accounts import account_settings
from worker.store.accounts.trigger_settings import TriggerSettings
from worker.store.db.postgres import Connection, clock
from worker.store.spending import daily_spending, prices

#: Whoever has a budget.
Held = AccountSettings | TriggerSettings


def insist_on_price(connection: Connection, account: str, *triggers: TriggerSettings) -> None:
    """The end of the command where hryvnias are to be counted and nobody knows what a segment costs."""
    settings = account_settings.read(connection, account)
    if settings is None or settings.segment_price is not None or "sms" in prices.learned(connection, account):
        return
    if any(item.daily_budget is not None and item.daily_segments is None for item in (settings, *triggers)):
        raise stop(
            _(
                "Nobody knows yet what a segment costs {account}, so a budget in hryvnias would hold "
                "nothing: give account set {account} --segment-price too, or --daily-segments beside "
                "it. Nothing was changed.",
                account=account,
            ),
            Exit.USAGE,
        )


def wake(connection: Connection, account: str, before: Held, after: Held) -> None:
    """What waits for a budget is looked at now where that budget has changed."""
    if budget_of(before) != budget_of(after):
        daily_spending.wake(connection, account, now=clock(connection))


def budget_of(held: Held) -> tuple[object, ...]:
    return held.daily_budget, held.daily_segments, held.over_budget

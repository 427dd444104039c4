"""Record an account's balance at TurboSMS, forecast how long it lasts, and alert where it is low."""

from dataclasses import dataclass
from decimal import Decimal

from worker.core.spending.alert import BALANCE_LOW, AccountAlert
from worker.core.spending.runway import hours_left
from worker.steps.alerts.alerts import ring
from worker.steps.effects import Alert
from worker.store.db.postgres import Pool, clock, transaction
from worker.store.spending import balances
from worker.store.spending.balances import Floors


@dataclass(frozen=True, slots=True)
class RecordedBalance:
    """A saved balance; `hours` is how long it lasts, None where unknown."""

    hours: float | None
    alerts: list[Alert]


def record_balance(pool: Pool, account: str, balance: Decimal) -> RecordedBalance:
    """Save a balance and forecast how long it lasts; low money is alerted at most hourly, and while it gets less."""
    with transaction(pool) as connection:
        now = clock(connection)
        known = balances.keep(connection, account, balance, now=now)
        hours = hours_left(known, now=now)
        low = low_money(account, balance, hours, balances.floors(connection, account))
        return RecordedBalance(hours, ring(connection, [low] if low else [], now=now))


def low_money(account: str, balance: Decimal, hours: float | None, floors: Floors) -> AccountAlert | None:
    """The alert of low money; its subject is the sum, so that one sum is alerted once."""
    is_little = floors.balance is not None and balance < floors.balance
    is_short = floors.hours is not None and hours is not None and hours < floors.hours
    if not (is_little or is_short):
        return None
    facts: dict[str, object] = {"balance": f"{balance:.2f}"}
    if hours is not None:
        facts["hours"] = round(hours)
    return AccountAlert(account, BALANCE_LOW, f"{balance:.2f}", facts)

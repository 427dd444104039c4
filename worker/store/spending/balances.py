"""Each account's balance at TurboSMS, one for every ten minutes."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from worker.core.spending.runway import SPANS, Balance
from worker.store.db.postgres import Connection

#: Whoever asked first in these ten minutes is believed.
KEEP = """
INSERT INTO balances (account, at, balance)
VALUES (%(account)s, date_bin('10 minutes', %(now)s::timestamptz, 'epoch'), %(balance)s)
ON CONFLICT (account, at) DO NOTHING
"""

KNOWN = "SELECT at, balance FROM balances WHERE account = %(account)s AND at >= %(since)s ORDER BY at"

FLOORS = "SELECT low_balance, low_hours FROM accounts WHERE id = %(account)s"


@dataclass(frozen=True, slots=True)
class Floors:
    """Thresholds of low money; None is never."""

    balance: Decimal | None = None
    hours: int | None = None


def keep(connection: Connection, account: str, balance: Decimal, *, now: datetime) -> list[Balance]:
    connection.execute(KEEP, {"account": account, "now": now, "balance": balance})
    values = {"account": account, "since": now - max(SPANS)}
    return [Balance(*row) for row in connection.execute(KNOWN, values)]


def floors(connection: Connection, account: str) -> Floors:
    row = connection.execute(FLOORS, {"account": account}).fetchone()
    return Floors(*row) if row else Floors()

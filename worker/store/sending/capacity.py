"""What an account may take now: its POSTs under way, what is paused of it, what it has spent of its day."""

from datetime import date, datetime

from worker.core.hands.pause_scope import Ends
from worker.core.spending.cost_estimate import Spent
from worker.store.db.postgres import Connection, query_row
from worker.store.sending.pauses import ends, stopped
from worker.store.spending.daily_spending import UNDER_WAY_AND_TODAY, read

OF_ACCOUNT = f"""
SELECT {stopped("w.account")}, {UNDER_WAY_AND_TODAY}
FROM (SELECT %(account)s::text AS account, %(day)s::date AS day, %(has_budgets)s::boolean AS has_budgets) AS w
"""


def taken_by_now(
    connection: Connection, account: str, *, has_budgets: bool, day: date, now: datetime
) -> tuple[int, Ends, dict[str, Spent], dict[str, str]]:
    """Look at what an account has under way and what is paused of it, and at its day."""
    values = {"account": account, "has_budgets": has_budgets, "day": day, "now": now}
    still, *columns = query_row(connection, OF_ACCOUNT, values)
    under_way, spent, alerted = read(columns)
    return under_way, ends(still), spent, alerted

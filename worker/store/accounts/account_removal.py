"""Removing an account: what prevents it, what is removed with it, and what is left of it."""

from dataclasses import dataclass
from datetime import datetime

from worker.core.lanes import LANES
from worker.core.receipts.polling import NO_RECEIPT
from worker.store.db.postgres import Connection
from worker.store.receipts import receipts

BELONGINGS = """
SELECT
    (
        SELECT count(*) FROM notifications AS n
        WHERE
            n.lane = ANY(%(lanes)s) AND n.account = a.id
            AND n.waits_until IS NOT NULL
    ) + (
        SELECT coalesce(sum(cardinality(t.row_ids)), 0) FROM attempts AS t
        WHERE t.lane = ANY(%(lanes)s) AND t.account = a.id AND t.settled_at IS NULL
    ) AS unsent,
    (
        SELECT count(DISTINCT (n.month, n.id)) FROM provider_messages AS p
        INNER JOIN notifications AS n ON p.month = n.month AND p.notification = n.id
        WHERE p.account = a.id AND p.ask_at IS NOT NULL AND n.state IN ('accepted', 'sent')
    ) AS unreported,
    (SELECT count(*) FROM templates WHERE account = a.id) AS texts,
    (SELECT count(*) FROM suppressions WHERE account = a.id) AS stopped,
    (SELECT count(*) FROM consents WHERE account = a.id) AS consents,
    (SELECT count(*) FROM calendar WHERE account = a.id) AS dated,
    (SELECT count(*) FROM records WHERE account = a.id) AS records,
    (SELECT count(*) FROM api_keys WHERE account = a.id AND revoked_at IS NULL) AS keys
FROM accounts AS a
WHERE a.id = %(account)s
FOR UPDATE
"""

UNREPORTED = """
SELECT month, id FROM notifications
WHERE
    state IN ('accepted', 'sent')
    AND (month, id) IN (
        SELECT month, notification FROM provider_messages WHERE account = %(account)s AND ask_at IS NOT NULL
    )
ORDER BY month, id
FOR UPDATE
"""

#: What no foreign key takes along, and nobody could use or ask for any more. The rest goes with the account itself.
DELETE = (
    "DELETE FROM occurrences WHERE account = %(account)s",
    "UPDATE provider_messages SET ask_at = NULL WHERE account = %(account)s AND ask_at IS NOT NULL",
    "DELETE FROM callbacks WHERE account = %(account)s",
    "DELETE FROM records WHERE account = %(account)s",
    "DELETE FROM outcomes WHERE account = %(account)s",
    "DELETE FROM accounts WHERE id = %(account)s",
)


@dataclass(frozen=True, slots=True)
class Belongings:
    """Counts of what belongs to an account.

    Attributes:
        unsent: texts that wait, or are on their way to TurboSMS.
        unreported: texts without a final receipt.
        dated: entries of the calendar.
        keys: of the API, or that sign addresses.
    """

    unsent: int
    unreported: int
    texts: int
    stopped: int
    consents: int
    dated: int
    records: int
    keys: int


def belongings(connection: Connection, account: str) -> Belongings | None:
    """Lock an account and count its belongings; None if there is none."""
    row = connection.execute(BELONGINGS, {"account": account, "lanes": list(LANES)}).fetchone()
    return Belongings(*row) if row else None


def remove(connection: Connection, account: str, *, now: datetime) -> None:
    values = {"account": account}
    notification_ids = [(month, number) for month, number in connection.execute(UNREPORTED, values)]
    receipts.give_up(connection, notification_ids, NO_RECEIPT, now=now)
    for statement in DELETE:
        connection.execute(statement, values)

"""What each channel of an account lately cost, learned from TurboSMS's reports of single messages."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from worker.core.accounts.price import RECENT, Prices, price_of
from worker.store.db.postgres import Connection, as_rows

LEARNED = "SELECT channel, price FROM prices WHERE account = %(account)s"

SET = "SELECT segment_price FROM accounts WHERE id = %(account)s"

#: What the newest messages cost, of an SMS a segment; a message that was free of charge was not delivered.
RECENTLY = """
SELECT
    a.id, c.channel, p.price,
    ARRAY(
        SELECT round(l.price / CASE l.channel WHEN 'sms' THEN greatest(l.segments, 1) ELSE 1 END, 4)
        FROM channel_statuses AS l
        WHERE l.account = a.id AND l.channel = c.channel AND l.price > 0 AND l.sent_at IS NOT NULL
        ORDER BY l.sent_at DESC
        LIMIT %(recent)s
    )
FROM accounts AS a
CROSS JOIN (VALUES ('sms'), ('viber')) AS c (channel)
LEFT JOIN prices AS p ON a.id = p.account AND c.channel = p.channel
ORDER BY a.id, c.channel
"""

WRITE = """
INSERT INTO prices AS known (account, channel, price, learned_at)
SELECT r.account, r.channel, r.price, %(now)s
FROM json_to_recordset(%(prices)s::json) AS r(account text, channel text, price numeric)
ORDER BY r.account, r.channel
ON CONFLICT (account, channel) DO UPDATE SET price = excluded.price, learned_at = excluded.learned_at
"""


def learned(connection: Connection, account: str) -> dict[str, Decimal]:
    """Hryvnias for a segment of an SMS and for a Viber message, as far as they were learned."""
    return dict(connection.execute(LEARNED, {"account": account}).fetchall())


def prices_of(connection: Connection, account: str) -> Prices:
    by_channel, given = learned(connection, account), connection.execute(SET, {"account": account}).fetchone()
    return Prices(price_of(given[0] if given else None, by_channel.get("sms")), price_of(None, by_channel.get("viber")))


def recently(connection: Connection) -> Iterator[tuple[str, str, Decimal | None, list[Decimal]]]:
    yield from connection.execute(RECENTLY, {"recent": RECENT}).fetchall()


def write(connection: Connection, new: Mapping[tuple[str, str], Decimal], *, now: datetime) -> None:
    if new:
        rows = (
            {"account": account, "channel": channel, "price": str(price)} for (account, channel), price in new.items()
        )
        connection.execute(WRITE, {"prices": as_rows(rows), "now": now})

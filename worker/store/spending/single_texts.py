"""What single texts cost by TurboSMS's reports: the dearest, what Viber saved, and what went by SMS after all.

No hot path: whole months are read, as for `cost_report`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import LiteralString

from psycopg.rows import TupleRow

from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, query_row

SHOWN_MAX = 10


def of_sent(question: LiteralString) -> LiteralString:
    """A question about what was sent in a period of an account."""
    return f"""
WITH sent AS (
    SELECT
        n.month, n.id, n.trigger, n.channel, greatest(n.segments, 1) AS segments, n.viber_fallback, p.accepted_at,
        CASE WHEN s.status = 'cancelled' THEN 0 ELSE s.price END AS sms,
        CASE WHEN v.status = 'cancelled' THEN 0 ELSE v.price END AS viber
    FROM provider_messages AS p
    INNER JOIN notifications AS n ON p.month = n.month AND p.notification = n.id
    LEFT JOIN channel_statuses AS s ON p.account = s.account AND p.message_id = s.message_id AND s.channel = 'sms'
    LEFT JOIN channel_statuses AS v ON p.account = v.account AND p.message_id = v.message_id AND v.channel = 'viber'
    WHERE p.account = %(account)s AND p.accepted_at >= %(since)s AND p.accepted_at < %(until)s
)
{question}
"""


DEAREST = of_sent("""
SELECT month, id, trigger, channel, segments, coalesce(sms, 0) + coalesce(viber, 0) AS price
FROM sent
WHERE num_nonnulls(sms, viber) > 0
ORDER BY price DESC, month DESC, id DESC
LIMIT %(most)s
""")
#: Beside what the same texts would have cost as SMS.
SAVED = of_sent("""
SELECT count(*), coalesce(sum(viber), 0), coalesce(sum(segments), 0)
FROM sent
WHERE viber IS NOT NULL AND coalesce(sms, 0) = 0
""")
#: By our own choice, which `viber_fallback` explains, or TurboSMS's, which sent both.
FELL_BACK = of_sent("""
SELECT month, id, trigger, channel, segments, sms, count(*) OVER (), viber_fallback
FROM sent
WHERE viber_fallback IS NOT NULL OR (channel = 'viber_then_sms' AND sms > 0)
ORDER BY month DESC, id DESC
LIMIT %(most)s
""")


@dataclass(frozen=True, slots=True)
class Period:
    """Of an account: from a moment until before another one."""

    account: str
    since: datetime
    until: datetime

    def values(self) -> Mapping[str, object]:
        return {"account": self.account, "since": self.since, "until": self.until, "most": SHOWN_MAX}


@dataclass(frozen=True, slots=True)
class SingleText:
    """One text; `price` in hryvnias is None where nothing was reported yet.

    Attributes:
        fallback: why we sent it as an SMS though Viber was to be tried first.
    """

    notification_id: NotificationId
    trigger: str
    channel: str
    segments: int
    price: Decimal | None
    fallback: str | None = None


@dataclass(frozen=True, slots=True)
class ByViber:
    """Texts that Viber alone was paid for: what they cost, and how many segments they would have had as SMS."""

    texts: int
    cost: Decimal
    segments: int

    def saved(self, segment_price: Decimal) -> Decimal:
        """Hryvnias that SMS would have cost more."""
        return self.segments * segment_price - self.cost


@dataclass(frozen=True, slots=True)
class FellBack:
    """How many texts, and the newest of them."""

    count: int
    newest: tuple[SingleText, ...]


def dearest(connection: Connection, period: Period) -> list[SingleText]:
    return [text_of(row) for row in connection.execute(DEAREST, period.values())]


def by_viber(connection: Connection, period: Period) -> ByViber:
    texts, cost, segments = query_row(connection, SAVED, period.values())
    return ByViber(texts, cost, segments)


def fell_back(connection: Connection, period: Period) -> FellBack:
    found = connection.execute(FELL_BACK, period.values()).fetchall()
    newest = tuple(text_of((*row[:6], row[7])) for row in found)
    return FellBack(found[0][6] if found else 0, newest)


def text_of(row: TupleRow) -> SingleText:
    month, number, trigger, channel, segments, price, *fallback = row
    return SingleText((month, number), trigger, channel, segments, price, *fallback)

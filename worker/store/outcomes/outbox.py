"""Outcomes that wait to be published: written by triggers of the schema, read in turn by account, deleted once out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from worker.store.db.postgres import Connection, as_rows

#: More of an account than this are not counted.
COUNTED_MAX = 10_000

#: One look into the index for each account that has some, however many.
WAITING = """
waiting AS (
    (SELECT account FROM outcomes ORDER BY account LIMIT 1)
    UNION ALL
    SELECT (SELECT o.account FROM outcomes AS o WHERE o.account > w.account ORDER BY o.account LIMIT 1)
    FROM waiting AS w
    WHERE w.account IS NOT NULL
)
"""

ACCOUNTS = f"WITH RECURSIVE {WAITING} SELECT account FROM waiting WHERE account IS NOT NULL"

#: Another scheduler that publishes of an account is not waited for. What is read in the next statement was committed
#: after the lock was ours: no outcome comes after one that follows it.
LOCK = """
SELECT w.account FROM unnest(%(accounts)s::text []) AS w(account)
WHERE pg_try_advisory_lock(hashtextextended('outcomes of ' || w.account, 0))
"""
UNLOCK = "SELECT pg_advisory_unlock_all()"
#: PostgreSQL ends the session, and with it its locks, of whoever is frozen.
PATIENCE = "SELECT set_config('idle_session_timeout', %(milliseconds)s, FALSE)"
USUAL = "RESET idle_session_timeout"

#: What the order of outcomes counts for: one text, one scope of pauses; anything else is alone.
SUBJECT = "coalesce('text/' || notification, facts ->> 'scope', id::text)"

#: Without what the program fails on, and what is to come after that. What was cancelled costs nothing; no price is
#: known while one channel's is not.
OLDEST = f"""
SELECT
    o.id, o.account, o.subject, o.type, o.at, o.reason,
    CASE o.type
        WHEN 'event.refused' THEN o.facts || jsonb_build_object('event', d.event_id, 'event_type', d.event_type)
        ELSE o.facts
    END,
    o.month, o.notification, o.version,
    e.event_id, n.record_kind, n.record_id, n.recipient_kind, n.recipient_id, n.client_id, n.trigger, n.channel,
    n.segments,
    (
        SELECT
            CASE WHEN count(*) = count(l.price) THEN sum(CASE WHEN l.status = 'cancelled' THEN 0 ELSE l.price END) END
        FROM provider_messages AS p
        INNER JOIN channel_statuses AS l ON p.account = l.account AND p.message_id = l.message_id
        WHERE p.month = o.month AND p.notification = o.notification
    ) AS price,
    CASE WHEN a.outcome_details THEN n.phone END, CASE WHEN a.outcome_details THEN n.text END,
    coalesce(a.outcomes && ARRAY['all', o.type], FALSE), e.traceparent
FROM unnest(%(accounts)s::text []) AS w(account)
CROSS JOIN LATERAL (
    SELECT f.*
    FROM (
        SELECT *, {SUBJECT} AS subject
        FROM outcomes
        WHERE
            account = w.account
            AND (account, {SUBJECT}) NOT IN (
                SELECT b.account, b.subject
                FROM unnest(%(broken_accounts)s::text [], %(broken)s::text []) AS b(account, subject)
            )
        ORDER BY id
        LIMIT %(each)s
    ) AS f
    WHERE f.at <= coalesce(%(until)s::timestamptz, 'infinity')
) AS o
LEFT JOIN accounts AS a ON o.account = a.id
LEFT JOIN notifications AS n ON o.month = n.month AND o.notification = n.id
LEFT JOIN events AS e ON n.event_month = e.month AND n.event = e.id
LEFT JOIN dead_letters AS d ON (o.facts ->> 'dead_letter')::bigint = d.id
ORDER BY o.id
"""

DELETE = """
DELETE FROM outcomes AS o
USING (
    SELECT f.account, f.id
    FROM json_to_recordset(%(outcomes)s::json) AS r(account text, id bigint)
    INNER JOIN outcomes AS f ON r.account = f.account AND r.id = f.id
    ORDER BY f.account, f.id
    FOR UPDATE OF f
) AS r
WHERE o.account = r.account AND o.id = r.id
"""

#: What nobody took for so long; account by account, as they lie.
DROP = f"""
WITH RECURSIVE {WAITING},
old AS (
    SELECT f.account, f.id
    FROM waiting AS w
    CROSS JOIN LATERAL (
        SELECT account, id, at FROM outcomes WHERE account = w.account ORDER BY id LIMIT %(slice)s
    ) AS f
    WHERE f.at < %(before)s
    LIMIT %(slice)s
),
locked AS (
    SELECT f.account, f.id
    FROM old
    INNER JOIN outcomes AS f ON old.account = f.account AND old.id = f.id
    ORDER BY f.account, f.id
    FOR UPDATE OF f
)
DELETE FROM outcomes AS o USING locked AS l WHERE o.account = l.account AND o.id = l.id
"""

COUNT = f"""
WITH RECURSIVE {WAITING}
SELECT w.account, c.outcomes
FROM waiting AS w
CROSS JOIN LATERAL (
    SELECT count(*) AS outcomes
    FROM (SELECT FROM outcomes WHERE account = w.account LIMIT %(most)s) AS o
) AS c
WHERE w.account IS NOT NULL
"""

SINCE = f"""
WITH RECURSIVE {WAITING}
SELECT w.account, f.at
FROM waiting AS w
CROSS JOIN LATERAL (SELECT at FROM outcomes WHERE account = w.account ORDER BY id LIMIT 1) AS f
"""


#: An account, and which text or pause of it.
Subject = tuple[str, str]


@dataclass(frozen=True, slots=True)
class StoredText:
    """What is known of a text now, whose state changed."""

    month: date
    notification: int
    version: int
    event: str | None
    record_kind: str | None
    record_id: str | None
    recipient_kind: str
    recipient_id: str
    client: str | None
    trigger: str
    channel: str
    segments: int
    price: Decimal | None
    phone: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class StoredOutcome:
    """An outcome that waits: of a text, or with facts of its own; of a text that is gone, neither.

    Attributes:
        is_wanted: whether the account's CRM is to hear of its type, by the settings of now.
        traceparent: that of the event of its text.
    """

    id: int
    account: str
    subject: str
    type: str
    at: datetime
    reason: str | None
    facts: Mapping[str, Any] | None
    text: StoredText | None
    is_wanted: bool
    traceparent: str | None


def waiting_accounts(connection: Connection) -> list[str]:
    return [account for (account,) in connection.execute(ACCOUNTS)]


def lock(connection: Connection, accounts: Collection[str], patience: timedelta) -> list[str]:
    """Keep other schedulers from these accounts and return those that are ours: until `unlock`, or the session's end.

    The session ends once it idles for longer than `patience`: who is frozen keeps nothing from others.
    """
    connection.execute(PATIENCE, {"milliseconds": str(int(patience.total_seconds() * 1000))})
    return [account for (account,) in connection.execute(LOCK, {"accounts": list(accounts)})]


def check(connection: Connection) -> None:
    """Check that the accounts that were locked are still ours: the locks live as long as the session.

    Raises:
        psycopg.OperationalError: they are not.
    """
    connection.execute("SELECT")


def unlock(connection: Connection) -> None:
    connection.execute(UNLOCK)
    connection.execute(USUAL)


def oldest(
    connection: Connection,
    accounts: Collection[str],
    *,
    each: int,
    until: datetime | None = None,
    broken: Collection[Subject] = (),
) -> list[StoredOutcome]:
    """Read the oldest of each account, in their order.

    Only those that were written `until` a moment, and none of what is `broken`.
    """
    values = {
        "accounts": list(accounts),
        "each": each,
        "until": until,
        "broken_accounts": [account for account, _ in broken],
        "broken": [subject for _, subject in broken],
    }
    return [outcome_of(row) for row in connection.execute(OLDEST, values)]


def outcome_of(row: Sequence[Any]) -> StoredOutcome:
    number, account, subject, outcome_type, at, reason, facts, *text, is_wanted, traceparent = row
    recipient_kind = text[6]
    told = None if recipient_kind is None else StoredText(*text)
    return StoredOutcome(number, account, subject, outcome_type, at, reason, facts, told, is_wanted, traceparent)


def delete(connection: Connection, outcomes: Iterable[StoredOutcome]) -> None:
    rows = as_rows({"account": outcome.account, "id": outcome.id} for outcome in outcomes)
    connection.execute(DELETE, {"outcomes": rows})


def drop(connection: Connection, *, before: datetime, slice_: int) -> int:
    """Delete some that were written before a moment, and count them."""
    return connection.execute(DROP, {"before": before, "slice": slice_}).rowcount


def count(connection: Connection, *, most: int = COUNTED_MAX) -> dict[str, int]:
    """Count those of each account, as far as it matters."""
    return dict(connection.execute(COUNT, {"most": most}).fetchall())


def waiting_since(connection: Connection) -> dict[str, datetime]:
    """When the oldest of each account was written."""
    return dict(connection.execute(SINCE).fetchall())

"""Notifications that the provider accepted, and callbacks about them."""

from datetime import datetime, timedelta

from tests.support.crm import execute, row, rows
from tests.support.simulated_provider import Provider
from worker.store.db.postgres import Pool
from worker.turbosms.callback import Callback

TAKEN = """
WITH added AS (
    INSERT INTO notifications (
        month, id, account, trigger, dedupe_key, channel, recipient_key, recipient_kind, recipient_id, phone,
        message_class,
        lane, locale, zone, sender, text, segments, event_month, event, state, expires_at, created_at, attempt,
        viber
    )
    SELECT
        date_trunc('month', now())::date, nextval('notification_ids'), %(account)s, 'x', m, %(channel)s, m::bytea,
        'contact', '17', '+380671234567', 'transactional', 'normal', 'uk', 'Europe/Kyiv', 'x', 'x', 1,
        date_trunc('month', now())::date, 1, 'accepted', now(), now(), 'x',
        CASE WHEN %(channel)s <> 'sms' THEN '{"sender": "x"}'::jsonb END
    FROM unnest(%(messages)s::text[]) AS m
    RETURNING month, id, dedupe_key
)
INSERT INTO provider_messages (account, message_id, month, notification, attempt, accepted_at, ask_at)
SELECT %(account)s, dedupe_key, month, id, 'x', now() - %(age)s, now() + interval '1 minute' FROM added
"""
#: What a repeated report may not change.
EVERYTHING = """
SELECT
    (SELECT jsonb_agg(n ORDER BY id) FROM notifications AS n),
    (SELECT jsonb_agg(m ORDER BY id) FROM transitions AS m),
    (SELECT jsonb_agg(l ORDER BY message_id, channel) FROM channel_statuses AS l),
    (SELECT jsonb_agg(p ORDER BY message_id) FROM provider_messages AS p)
"""
ASK_AT = "SELECT ask_at FROM provider_messages ORDER BY message_id"
CHANNELS = (
    "SELECT message_id, channel, status, rejected, price, segments FROM channel_statuses ORDER BY message_id, channel"
)


def taken(
    pool: Pool, *messages: str, channel: str = "sms", account: str = "acme", age: timedelta = timedelta(minutes=1)
) -> None:
    """A notification for each of these ids of the provider, taken so long ago."""
    values = {"account": account, "channel": channel, "messages": list(messages), "age": age}
    with pool.connection() as connection:
        connection.execute(TAKEN, values)


def callback(
    message_id: str, status: str = "DELIVRD", *, event: str | None = None, at: datetime | None = None, nth: int = 1
) -> Callback:
    return Callback(event or f"{message_id}/{status}", "0" * 40, message_id, status, at, nth)


def states_by_message(pool: Pool) -> dict[str, tuple[str, str | None]]:
    """State and reason of each notification by the id of its message."""
    results = rows(
        pool,
        "SELECT p.message_id, n.state, n.reason FROM provider_messages AS p"
        " INNER JOIN notifications AS n ON p.month = n.month AND p.notification = n.id ORDER BY p.message_id",
    )
    return {message_id: (state, reason) for message_id, state, reason in results}


def everything(pool: Pool) -> tuple[object, ...]:
    return row(pool, EVERYTHING)


def due(pool: Pool) -> None:
    execute(pool, "UPDATE provider_messages SET ask_at = now() WHERE ask_at IS NOT NULL")


def questions(provider: Provider) -> dict[str, int]:
    return {name: count for name, count in provider.state()["requests"].items() if not name.startswith("message/send")}

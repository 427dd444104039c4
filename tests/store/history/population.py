"""A history of many rows in two months: what is rare, what is frequent, and some of another account."""

from tests.support.crm import execute
from worker.steps.upkeep.fill_search_index import fill_search_index
from worker.store.db.postgres import Pool

ROWS = 5_200
POPULATE = f"""
INSERT INTO notifications (
    month, id, account, trigger, dedupe_key, channel, recipient_key, recipient_kind, recipient_id, client_id, phone,
    message_class, lane, locale, zone, sender, text, segments, event_month, event, record_kind, record_id,
    state, reason, attempt, expires_at, created_at, viber
)
SELECT
    CASE WHEN n <= 300 THEN '2026-10-01'::date ELSE '2026-11-01' END, n,
    CASE WHEN n % 13 = 0 THEN 'beta' ELSE 'acme' END,
    CASE WHEN n % 1000 = 7 THEN 'contact_birthday' WHEN n % 2 = 0 THEN 'order_created' ELSE 'invoice_overdue' END,
    n::text, CASE WHEN n % 500 = 3 THEN 'viber' ELSE 'sms' END, decode(md5((n % 100)::text), 'hex'),
    'contact', (n % 100)::text, (n % 40)::text, '+38067' || lpad((n % 100)::text, 7, '0'),
    'transactional', 'normal', 'uk', 'Europe/Kyiv', 'x',
    CASE
        WHEN n % 1700 = 9 THEN 'Знижка 100% для Ґанока'
        WHEN n % 2 = 0 THEN 'Замовлення №' || n
        ELSE 'Рахунок ' || n
    END,
    1, '2026-11-01', n / 3, 'invoice', (n % 200)::text,
    CASE WHEN n % 900 = 11 THEN 'undelivered' WHEN n % 1100 = 5 THEN 'read' ELSE 'delivered' END,
    CASE WHEN n % 900 = 11 THEN 'expired' END, 'x', '2026-12-01',
    CASE WHEN n <= 300 THEN '2026-10-01'::timestamptz ELSE '2026-11-01' END + n * interval '1 minute',
    CASE WHEN n % 500 = 3 THEN '{{}}'::jsonb END
FROM generate_series(1, {ROWS}) AS n
"""  # noqa: S608 (our own number)


def populated(pool: Pool, *, left_out: int = 0) -> None:
    """Write the history; the newest `left_out` rows are not entered for a search."""
    execute(pool, POPULATE)
    if left_out:
        execute(
            pool, "UPDATE notifications SET created_at = created_at + interval '9 years' WHERE id > %s", ROWS - left_out
        )
    fill_search_index(pool)

"""A history of any size, written by PostgreSQL: what is asked for is found in every second row, or in hardly any."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg

from worker.steps.upkeep.fill_search_index import fill_search_index
from worker.store.db.postgres import Pool

ACCOUNT = "bench-0"
START = datetime(2026, 10, 1, tzinfo=UTC)
#: Between two texts, so that a million of them are a month.
APART = timedelta(seconds=2.5)
#: People of one event, who are written to together.
TOGETHER = 10
CLIENTS = 50_000

EVENTS = """
INSERT INTO events (month, id, account, event_id, type, routing_key, occurred_at, received_at, outcome, body)
SELECT
    '2026-10-01', e, 'bench-0', 'e-' || e, 'order.created', 'bench-0.order.created', '2026-10-02', '2026-10-02',
    'planned',
    convert_to(
        jsonb_build_object('data', jsonb_build_object(
            'client', jsonb_build_object('id', (e % 50000)::text, 'company', 'ТОВ «Фірма ' || e % 50000 || '»'),
            'recipients', (
                SELECT jsonb_agg(jsonb_build_object(
                    'kind', 'contact', 'id', (n % 100000)::text,
                    'phonenumber', '+38067' || lpad((n % 100000)::text, 7, '0'),
                    'firstname', (ARRAY['Олена', 'Тарас', 'Ганна', 'Юрій', 'Софія'])[1 + n % 5],
                    'lastname', (ARRAY['Коваль', 'Бондар', 'Ткач', 'Мельник', 'Шевчук', 'Гончар', 'Литвин'])[1 + n % 7]
                ))
                FROM generate_series(e * {together}, e * {together} + {together} - 1) AS n
            )
        ))::text, 'UTF8'
    )
FROM generate_series(0, {rows} / {together}) AS e
"""
NOTIFICATIONS = """
INSERT INTO notifications (
    month, id, account, trigger, dedupe_key, channel, recipient_key, recipient_kind, recipient_id, client_id, phone,
    message_class, lane, locale, zone, sender, text, segments, event_month, event, record_kind, record_id,
    state, reason, attempt, expires_at, created_at
)
SELECT
    '2026-10-01', n, 'bench-0',
    CASE WHEN n % 100 = 7 THEN 'contact_birthday' WHEN n % 2 = 0 THEN 'order_created' ELSE 'invoice_overdue_notice' END,
    n::text, 'sms', decode(md5((n % 100000)::text), 'hex'), 'contact', (n % 100000)::text,
    (n / {together} % 50000)::text, '+38067' || lpad((n % 100000)::text, 7, '0'),
    'transactional', 'normal', 'uk', 'Europe/Kyiv', 'x',
    CASE
        WHEN n % 100 = 7 THEN 'Вітаємо з днем народження! Даруємо знижку ' || n % 9 || ' на все до кінця тижня.'
        WHEN n % 2 = 0
        THEN 'Замовлення №' || n || ' прийнято, ми зателефонуємо вам найближчим часом. Сума ' || n % 997 || '.50 грн'
        ELSE 'Рахунок INV-' || n || ' прострочено. Сплатіть, будь ласка: https://crm.acme.ua/i/' || md5(n::text)
    END || CASE WHEN n % 100000 = 77 THEN ' Єхидна' ELSE '' END,
    1, '2026-10-01', n / {together}, 'invoice', (n % 200000)::text,
    CASE WHEN n % 100000 = 99 THEN 'refused' ELSE 'delivered' END,
    CASE WHEN n % 100000 = 99 THEN 'invalid_phone' END, 'x', '2026-11-01',
    '2026-10-01'::timestamptz + n * interval '2.5 seconds'
FROM generate_series({first}, {last}) AS n
"""
STEP = 200_000


def clients(rows: int) -> int:
    """How many clients have texts."""
    return min(CLIENTS, rows // TOGETHER)


def write(url: str, rows: int) -> None:
    """Write events and notifications, the newest with the greatest id."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute("SELECT keep_partitions(name, '2026-10-15') FROM unnest(%s::text[]) AS name", ([*PARENTS],))
        connection.execute(EVENTS.format(rows=rows, together=TOGETHER).encode())
        for first in range(1, rows + 1, STEP):
            last = min(first + STEP - 1, rows)
            connection.execute(NOTIFICATIONS.format(first=first, last=last, together=TOGETHER).encode())


PARENTS = ("events", "notifications", "search_entries")


def enter(pool: Pool, rows: int, echo: Callable[[str], None]) -> float:
    """Enter all for a search, as the scheduler does; how many a second."""
    began, entered = time.monotonic(), 0
    while entered < rows:
        entered += fill_search_index(pool)
        echo(f"history: {entered} of {rows} entered for a search")
    return rows / (time.monotonic() - began)


def settle(url: str) -> None:
    """Let PostgreSQL be as it is after a night."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.crm import add_account, execute, rows
from worker.core.contract.inbound_message import Delivery
from worker.core.privacy.retention import DEFAULTS, kept_since
from worker.steps.ingest.dead_letter import bury
from worker.steps.upkeep.retention import purge, purge_calendar
from worker.store.audit.audit import note
from worker.store.db import partitions
from worker.store.db.postgres import Pool, clock
from worker.store.privacy import retention_days

#: How long a letter is kept that somebody closed.
CLOSED = timedelta(days=90)
KEPT = timedelta(days=396)
#: The entry whose timers are still to be computed.
OUTDATED = 5


@pytest.mark.parametrize(
    ("now", "first"),
    [
        (datetime(2026, 12, 31, tzinfo=UTC), date(2025, 11, 1)),
        (datetime(2027, 1, 1, tzinfo=UTC), date(2025, 12, 1)),
        (datetime(2027, 2, 28, tzinfo=UTC), date(2026, 1, 1)),
    ],
)
def test_thirteen_months_are_kept_whole(now: datetime, first: date) -> None:
    assert kept_since(now, DEFAULTS)["keys"].date() == first


def test_old_keys_occurrences_and_task_statuses_are_deleted(pool: Pool) -> None:
    for months in (12, 15):
        old = f"(date_trunc('month', now()) - interval '{months} months')::date"
        key = f"decode(lpad('{months}', 32, '0'), 'hex')"
        execute(pool, f"INSERT INTO event_keys (key, content, month) VALUES ({key}, {key}, {old})")  # noqa: S608 (ours)
        execute(pool, f"INSERT INTO notification_keys (key, month) VALUES ({key}, {old})")  # noqa: S608 (ours)
        for settled, state in ((old, "missed"), ("NULL", "pending")):
            execute(
                pool,
                f"""
                INSERT INTO occurrences (
                    account, rule, record_kind, record_id, moment, offset_minutes, slot, changed_at, event_id,
                    routing_key, body, rank, state, reason, due_at, expires_at, created_at, settled_at
                )
                VALUES (
                    'acme', 'x', 'x', '{months} {state}', 'x', 0, 'x', now(), 'x', 'x', 'x', 0, '{state}', 'x', {old},
                    {old}, {old}, {settled}
                )
                """,  # noqa: S608 (our own names)
            )
        execute(
            pool,
            "INSERT INTO task_statuses (task, runner, every, last_at, next_at, lag, took, runs, reported_at) "
            "VALUES ('x', %s, '1 s', now(), now(), '0 s', '0 s', 1, now() - %s * interval '1 hour')",
            str(months),
            {12: 1, 15: 48}[months],
        )

    assert purge(pool) == 5

    assert rows(pool, "SELECT count(*) FROM event_keys UNION ALL SELECT count(*) FROM notification_keys") == [(1,)] * 2
    assert rows(pool, "SELECT record_id FROM occurrences ORDER BY 1") == [
        ("12 missed",),
        ("12 pending",),
        ("15 pending",),
    ]
    assert rows(pool, "SELECT record_id FROM occurrences WHERE body = ''") == [("12 missed",)]
    assert rows(pool, "SELECT runner FROM task_statuses") == [("12",)]


def test_old_entries_without_reminders_leave_the_calendar(pool: Pool) -> None:
    add_account(pool)
    for nth, (record_kind, moment, changed, local, next_at) in enumerate(
        [
            ("meeting", "start", 15, 15, None),
            ("meeting", "start", 15, 12, None),
            ("meeting", "start", 12, 15, None),
            ("invoice", "duedate", 15, 15, "2030-01-01Z"),
            ("contact", "birthday", 15, 15, None),
            ("meeting", "start", 15, 15, None),
        ]
    ):
        execute(
            pool,
            "INSERT INTO calendar (account, record_kind, record_id, moment, local_at, changed_at, cancelled, "
            "rules_version) SELECT id, %s, %s, %s, now() - %s * interval '31 days', now() - %s * interval '31 days', "
            "FALSE, CASE WHEN %s THEN -1 ELSE rules_version END FROM accounts",
            record_kind,
            str(nth),
            moment,
            local,
            changed,
            nth == OUTDATED,
        )
        execute(
            pool,
            "INSERT INTO timers (account, record_kind, record_id, moment, rule, next_at, rules_version) "
            "VALUES ('acme', %s, %s, %s, 'x', %s, 1)",
            record_kind,
            str(nth),
            moment,
            next_at,
        )
    [(now,)] = rows(pool, "SELECT now()")

    results = [purge_calendar(pool, now.replace(hour=hour), now.date() - KEPT) for hour in range(24)]

    assert sum(results) == 1
    for table in ("calendar", "timers"):
        left = rows(pool, f"SELECT record_id FROM {table} ORDER BY 1")  # noqa: S608 (ours)
        assert left == [("1",), ("2",), ("3",), ("4",), ("5",)]


def test_callbacks_last_received_13_months_ago_are_deleted(pool: Pool) -> None:
    add_account(pool)
    add_account(pool, "other")
    for account in ("acme", "other"):
        for first, last in ((15, 15), (15, 12), (12, 12)):
            execute(
                pool,
                "INSERT INTO callbacks (account, event_id, message_id, status, first_at, last_at) VALUES "
                "(%s, %s, 'm-1', 'sent', now() - %s * interval '31 days', now() - %s * interval '31 days')",
                account,
                f"{first} {last}",
                first,
                last,
            )

    assert purge(pool) == 2

    results = rows(pool, "SELECT account, event_id FROM callbacks ORDER BY 1, 2")
    assert results == [("acme", "12 12"), ("acme", "15 12"), ("other", "12 12"), ("other", "15 12")]


def test_old_dead_letters_are_deleted_and_closed_ones_sooner(pool: Pool) -> None:
    bury(pool, [Delivery(str(number).encode(), "sms.dead", "sms.dead") for number in range(4)])
    execute(pool, "UPDATE dead_letters SET last_at = now() - interval '200 days'")
    closed = "UPDATE dead_letters SET state = 'dropped', closed_by = 'x', closed_at = now() - %s WHERE head = %s"
    execute(pool, closed, CLOSED + timedelta(hours=1), b"0")
    execute(pool, closed, CLOSED - timedelta(hours=1), b"1")
    execute(pool, "UPDATE dead_letters SET last_at = now() - interval '15 months' WHERE head = %s", b"2")

    purge(pool)

    assert [bytes(head) for (head,) in rows(pool, "SELECT head FROM dead_letters ORDER BY head")] == [b"1", b"3"]


#: An event and its text of so many days ago.
OLD = """
INSERT INTO events (month, id, account, event_id, type, routing_key, occurred_at, received_at, body, outcome)
SELECT date_trunc('month', at), 2000 - %(days)s, 'acme', 'x', 'x', 'x', at, at, 'Olena', 'planned'
FROM (SELECT now() - %(days)s * interval '24 hours') AS w(at);
INSERT INTO notifications (
    month, id, account, trigger, dedupe_key, channel, recipient_key, recipient_kind, recipient_id, phone, message_class,
    lane, locale, zone, sender, text, segments, event_month, event, state, reason, due_at, expires_at, created_at
)
SELECT
    date_trunc('month', at), 2000 - %(days)s, 'acme', 'x', 'x', 'sms', 'x', 'contact', '17', '+380671234567',
    'transactional', 'normal', 'uk', 'Europe/Kyiv', 'x', 'Olena', 1, date_trunc('month', at),
    2000 - %(days)s, %(state)s, 'x', CASE WHEN %(state)s = 'postponed' THEN now() END, at, at
FROM (SELECT now() - %(days)s * interval '24 hours') AS w(at)
"""
LEFT = """
SELECT 2000 - e.id, e.body = '', n.text = '' AND n.phone IS NULL
FROM events AS e INNER JOIN notifications AS n USING (month, id) ORDER BY 1
"""


def had(pool: Pool, *days: int, state: str = "failed") -> None:
    for number in days:
        with pool.connection() as connection:
            for statement in OLD.split(";"):
                connection.execute(statement.encode(), {"days": number, "state": state})


def test_bodies_texts_and_months_go_each_in_their_time(pool: Pool) -> None:
    with pool.connection() as connection:
        made = partitions.keep(connection, now=clock(connection) - timedelta(days=1200))
    had(pool, 1200, 400, 364, 100, 89, 1)

    purge(pool)

    assert rows(pool, LEFT) == [
        (1, False, False),
        (89, False, False),
        (100, True, False),
        (364, True, False),
        (400, True, True),
    ]
    assert [name for name in made if rows(pool, "SELECT to_regclass(%s)", name) == [(None,)]] != []


def test_what_is_kept_longer_or_shorter_is_a_setting(pool: Pool) -> None:
    had(pool, 100, 40, 20)
    with pool.connection() as connection:
        for kind, number in (("bodies", 30), ("texts", 90)):
            retention_days.save(connection, kind, number)

    purge(pool)
    had(pool, 35)
    purge(pool)

    assert rows(pool, LEFT) == [(20, False, False), (35, True, False), (40, True, False), (100, True, True)]


def test_what_still_waits_keeps_its_phone_however_old(pool: Pool) -> None:
    had(pool, 400, state="postponed")
    had(pool, 399)

    purge(pool)

    assert rows(pool, "SELECT 2000 - id, phone IS NULL FROM notifications ORDER BY 1") == [(399, True), (400, False)]


def test_old_notes_and_finished_erasures_are_deleted(pool: Pool) -> None:
    with pool.connection() as connection:
        now = clock(connection)
        for days in (1826, 1824):
            note(connection, "x", "pause", str(days), now=now - timedelta(days=days))

    purge(pool)

    assert rows(pool, "SELECT subject FROM audit") == [("1824",)]


def test_a_key_of_the_api_goes_with_the_notes_of_who_made_it(acme_pool: Pool) -> None:
    for name, revoked, expires in (
        *(("valid", None, None), ("ended lately", 1_800, None), ("expired lately", None, 1_800)),
        *(("ended", 1_900, None), ("expired", None, 1_900)),
    ):
        execute(
            acme_pool,
            "INSERT INTO api_keys (account, name, scopes, secret_hash, created_at, revoked_at, expires_at) VALUES"
            " ('acme', %s, '{read}', CASE WHEN %s::int IS NULL THEN decode(repeat('ab', 32), 'hex') END, now(),"
            " now() - %s * interval '24 hours', now() - %s * interval '24 hours')",
            *(name, revoked, revoked, expires),
        )

    purge(acme_pool)

    kept = {name for (name,) in rows(acme_pool, "SELECT name FROM api_keys")}
    assert kept == {"valid", "ended lately", "expired lately"}

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.crm import add_account, execute, rows
from worker.core.contract.inbound_message import Delivery
from worker.steps.ingest.dead_letter import bury
from worker.steps.upkeep.retention import first_kept, purge, purge_calendar
from worker.store.db.postgres import Pool

#: How long a letter is kept that somebody closed.
CLOSED = timedelta(days=90)
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
    assert first_kept(now) == first


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

    assert purge(pool) == 4

    assert rows(pool, "SELECT count(*) FROM event_keys UNION ALL SELECT count(*) FROM notification_keys") == [(1,)] * 2
    assert rows(pool, "SELECT record_id FROM occurrences ORDER BY 1") == [
        ("12 missed",),
        ("12 pending",),
        ("15 pending",),
    ]
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

    results = [purge_calendar(pool, now.replace(hour=hour)) for hour in range(24)]

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
    execute(pool, "UPDATE dead_letters SET last_at = now() - interval '14 months' WHERE head = %s", b"2")

    purge(pool)

    assert [bytes(head) for (head,) in rows(pool, "SELECT head FROM dead_letters ORDER BY head")] == [b"1", b"3"]

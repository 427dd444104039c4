from __future__ import annotations

import shutil
from pathlib import Path

import psycopg

from worker.core.reminders.schedule import DEFAULTS
from worker.store.accounts.configuration import load
from worker.store.db.migrations import FOLDER, migrate

BEFORE = ("0001", "0002", "0003", "0004", "0005", "0006")
WITHOUT_A_CLOCK = (*BEFORE, "0007", "0008", "0009", "0010")
ADD = """
INSERT INTO events (month, id, account, event_id, type, routing_key, occurred_at, received_at, body, outcome)
VALUES (date_trunc('month', now())::date, 1, 'acme', 'x', 'invoice.saved', 'x', now(), now(), '', 'recorded')
"""

ADD_ACCOUNT = b"""
INSERT INTO accounts (id, name, token, sms_sender, created_at) VALUES ('acme', 'Acme', '', 'Acme', now());
INSERT INTO triggers (account, trigger, switched_on, settings) VALUES
('acme', 'meeting_reminder', TRUE, '{}'), ('acme', 'contact_birthday', FALSE, '{}'),
('acme', 'invoice_overdue_notice', TRUE, '{"max_age_days": 90}'), ('acme', 'order_created', TRUE, '{}')
"""


def migrated_to(files: tuple[str, ...], connection: psycopg.Connection, folder: Path) -> None:
    """The database as an earlier version left it."""
    for file in FOLDER.glob("0*.sql"):
        if file.name.startswith(files):
            shutil.copy(file, folder)
    migrate(connection, folder)


def test_a_month_that_was_made_before_takes_what_a_later_version_writes(
    empty_database_url: str, tmp_path: Path
) -> None:
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        migrated_to(BEFORE, connection, tmp_path)
        connection.execute("SELECT keep_partitions('events', now())")

        migrate(connection)

        assert connection.execute(ADD).rowcount == 1


def test_our_clock_begins_off_for_accounts_that_lived_without_it(empty_database_url: str, tmp_path: Path) -> None:
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        migrated_to(WITHOUT_A_CLOCK, connection, tmp_path)
        psycopg.ClientCursor(connection).execute(ADD_ACCOUNT)

        migrate(connection)

        found = connection.execute("SELECT trigger, switched_on, settings FROM triggers").fetchall()
        account, _ = next(load(connection, ["acme"]))
    switched_on = {trigger for trigger, is_on, _ in found if is_on}
    assert switched_on == {"invoice_overdue_notice", "meeting_reminder", "order_created"}
    assert {trigger: settings for trigger, _, settings in found} == {
        **{trigger: {"timing": "off"} for trigger in DEFAULTS},
        "invoice_overdue_notice": {"timing": "off", "max_age_days": 90},
        "order_created": {},
    }
    assert account.timings == {}

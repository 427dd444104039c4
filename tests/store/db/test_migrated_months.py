from pathlib import Path

import psycopg

from tests.support.later_migrations import OURS, RELEASES, write_release
from worker.store.db.migrations import migrate

ADD = """
INSERT INTO events (month, id, account, event_id, type, routing_key, occurred_at, received_at, body, outcome, note)
VALUES (date_trunc('month', now())::date, 1, 'acme', 'x', 'invoice.saved', 'x', now(), now(), '', 'noted', 'x')
"""


def test_a_month_that_was_made_before_takes_what_a_later_version_writes(
    empty_database_url: str, tmp_path: Path
) -> None:
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        migrate(connection, write_release(tmp_path, OURS))
        connection.execute("SELECT keep_partitions('events', now())")

        assert migrate(connection, write_release(tmp_path, len(RELEASES))) == [
            migration.file for migration in RELEASES[OURS:]
        ]

        assert connection.execute(ADD).rowcount == 1

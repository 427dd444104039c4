from __future__ import annotations

import shutil
from pathlib import Path

import psycopg

from worker.store.migrations import FOLDER, migrate

BEFORE = ("0001", "0002", "0003", "0004", "0005", "0006")
ADD = """
INSERT INTO events (month, id, account, event_id, type, routing_key, occurred_at, received_at, body, outcome)
VALUES (date_trunc('month', now())::date, 1, 'acme', 'x', 'invoice.saved', 'x', now(), now(), '', 'recorded')
"""


def test_a_month_that_was_made_before_takes_what_a_later_version_writes(
    empty_database_url: str, tmp_path: Path
) -> None:
    for file in FOLDER.glob("0*.sql"):
        if file.name.startswith(BEFORE):
            shutil.copy(file, tmp_path)
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        migrate(connection, tmp_path)
        connection.execute("SELECT keep_partitions('events', now())")

        migrate(connection)

        assert connection.execute(ADD).rowcount == 1

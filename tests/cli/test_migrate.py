from __future__ import annotations

import psycopg

from tests.cli.conftest import Command


def test_an_empty_database_is_migrated_with_its_partitions(bare: Command, empty_database_url: str) -> None:
    first = bare("migrate", "--json", SMS_DATABASE_URL=empty_database_url)
    second = bare("migrate", "--json", SMS_DATABASE_URL=empty_database_url)

    assert (first.code, second.code) == (0, 0), first.err + second.err
    assert first.json["applied"][0] == "0001_create_accounts.sql"
    assert len(first.json["partitions"]) == 20
    assert (second.json["applied"], second.json["partitions"]) == ([], [])


def test_a_dry_run_applies_nothing(bare: Command, empty_database_url: str) -> None:
    said = bare("migrate", "--dry-run", "--json", SMS_DATABASE_URL=empty_database_url)

    assert said.json["applied"][0] == "0001_create_accounts.sql"
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("SELECT to_regclass('accounts')").fetchone() == (None,)


def test_a_changed_past_is_said_and_nothing_is_applied(run: Command) -> None:
    with psycopg.connect(run.environ["SMS_DATABASE_URL"]) as connection:
        connection.execute("UPDATE schema_migrations SET checksum = 'x' WHERE file LIKE '0001%'")

    said = run("migrate")

    assert (said.code, "was changed after it was applied" in said.err) == (1, True)


def test_a_command_that_meets_no_schema_says_to_migrate(bare: Command, empty_database_url: str) -> None:
    said = bare("dead", "list", SMS_DATABASE_URL=empty_database_url)

    assert (said.code, "perfectum-sms migrate" in said.err) == (1, True)


def test_postgresql_away_is_exit_code_4_and_shows_no_password(bare: Command) -> None:
    said = bare("migrate", SMS_DATABASE_URL="postgresql://user:hunter2@127.0.0.1:1/sms")

    assert said.code == 4
    assert "hunter2" not in said.out + said.err

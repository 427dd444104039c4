from pathlib import Path

import psycopg
import pytest

from tests.cli.conftest import Command
from worker.store.db import migrations

#: What migrations left that the baseline has replaced: their names, and tables.
BEFORE_THE_BASELINE = """
CREATE TABLE schema_migrations (
    file text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE tellings (account text NOT NULL)
"""
REMEMBER = "INSERT INTO schema_migrations (file, checksum) VALUES (%s, 'x')"
#: The file by which such a database is known, and its others.
REPLACED = {
    "0001_create_accounts.sql": ("0002_create_events.sql", "0022_find_texts_by_account.sql"),
    "0002_audit.sql": ("0001_baseline.sql", "0003_search_notifications.sql", "0007_keep_audit.sql"),
}
EVERYTHING = """
SELECT c.relname, a.attname, (SELECT array_agg(m ORDER BY m) FROM schema_migrations AS m)
FROM pg_class AS c INNER JOIN pg_attribute AS a ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1, 2
"""


def test_an_empty_database_is_migrated_with_its_partitions(bare: Command, empty_database_url: str) -> None:
    first = bare("migrate", "--json", SMS_DATABASE_URL=empty_database_url)
    second = bare("migrate", "--json", SMS_DATABASE_URL=empty_database_url)

    assert (first.code, second.code) == (0, 0), first.err + second.err
    assert first.json["applied"][0] == "0001_baseline.sql"
    assert len(first.json["partitions"]) == 25
    assert (second.json["applied"], second.json["partitions"]) == ([], [])


def test_a_dry_run_applies_nothing(bare: Command, empty_database_url: str) -> None:
    result = bare("migrate", "--dry-run", "--json", SMS_DATABASE_URL=empty_database_url)

    assert result.json["applied"][0] == "0001_baseline.sql"
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("SELECT to_regclass('accounts')").fetchone() == (None,)


def test_a_changed_migration_is_an_error_and_nothing_is_applied(run: Command) -> None:
    with psycopg.connect(run.environ["SMS_DATABASE_URL"]) as connection:
        connection.execute("UPDATE schema_migrations SET checksum = 'x' WHERE file LIKE '0001%'")

    result = run("migrate")

    assert (result.code, "was changed after it was applied" in result.err) == (1, True)


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
@pytest.mark.parametrize("known_by", REPLACED)
def test_a_database_of_the_line_before_the_baseline_is_refused(
    bare: Command, empty_database_url: str, known_by: str, options: tuple[str, ...]
) -> None:
    with psycopg.connect(empty_database_url) as connection:
        connection.execute(BEFORE_THE_BASELINE)
        connection.cursor().executemany(REMEMBER, [(file,) for file in (known_by, *REPLACED[known_by])])
        before = connection.execute(EVERYTHING).fetchall()

    result = bare("migrate", *options, SMS_DATABASE_URL=empty_database_url)

    assert (result.code, result.out) == (1, "")
    assert f"sql/0001_baseline.sql has replaced (it has seen {known_by})" in result.err
    assert "Make an empty database and name it in SMS_DATABASE_URL" in result.err
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute(EVERYTHING).fetchall() == before


def test_a_statement_that_names_what_is_not_there_is_named_itself(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in migrations.FOLDER.glob("0*.sql"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "9000_next.sql").write_text("ALTER TABLE nothing_such ADD COLUMN later text;")
    monkeypatch.setattr(migrations, "FOLDER", tmp_path)

    result = run("migrate")

    assert result.code == 1
    assert result.err.strip() == (
        "9000_next.sql, statement 1 of 1: PostgreSQL refused it: "
        'relation "nothing_such" does not exist (42P01). Those before it are done and are not run again.'
    )


def test_a_command_without_a_schema_asks_to_migrate(bare: Command, empty_database_url: str) -> None:
    result = bare("dead", "list", SMS_DATABASE_URL=empty_database_url)

    assert (result.code, "perfectum-sms migrate" in result.err) == (1, True)


def test_postgresql_away_is_exit_code_4_and_shows_no_password(bare: Command) -> None:
    result = bare("migrate", SMS_DATABASE_URL="postgresql://user:hunter2@127.0.0.1:1/sms")

    assert result.code == 4
    assert "hunter2" not in result.out + result.err


def test_an_older_program_leaves_a_newer_schema_alone(run: Command) -> None:
    with psycopg.connect(run.environ["SMS_DATABASE_URL"]) as connection:
        connection.execute("INSERT INTO schema_migrations (file, checksum) VALUES ('9999_next.sql', 'x')")

    result, dry = run("migrate"), run("migrate", "--dry-run", "--json")

    assert (result.code, dry.code, dry.json["newer"]) == (0, 0, ["9999_next.sql"])
    assert "newer than this program, which may run on it all the same: 9999_next.sql" in result.err


def test_an_older_program_refuses_a_schema_that_requires_a_newer(run: Command) -> None:
    with psycopg.connect(run.environ["SMS_DATABASE_URL"]) as connection:
        connection.execute("INSERT INTO schema_requires (file) VALUES ('9999_next.sql')")

    result = run("migrate")

    assert (result.code, "needs one that knows 9999_next.sql" in result.err) == (1, True)


def test_partitions_of_a_table_in_use_are_left_to_the_scheduler(run: Command) -> None:
    with psycopg.connect(run.environ["SMS_DATABASE_URL"], application_name="a dump") as dump:
        newest = "SELECT max(relname) FROM pg_class WHERE relname ~ '^attempts_2[0-9]{3}_[0-9]{2}$'"
        [(partition,)] = dump.execute(newest.encode()).fetchall()
        dump.execute(f"DROP TABLE {partition}".encode())
        dump.commit()
        dump.execute("LOCK TABLE attempts_default IN ACCESS SHARE MODE")

        result = run("migrate")

    assert (result.code, "attempts_default is in use by a dump" in result.err) == (0, True)


def test_grants_are_sql_for_the_roles_that_are_named(run: Command) -> None:
    result = run("migrate", "--grants", "--worker-role", "who works", "--web-role", "o'web")

    assert result.code == 0, result.err
    assert 'CREATE ROLE "who works" LOGIN' in result.out
    assert "rolname = 'o''web'" in result.out


def test_four_roles_need_four_names(run: Command) -> None:
    result = run("migrate", "--grants", "--worker-role", "sms", "--web-role", "sms")

    assert (result.code, result.out, "four names" in result.err) == (2, "", True)


def test_grants_of_a_database_that_was_not_migrated(bare: Command, empty_database_url: str) -> None:
    result = bare("migrate", "--grants", SMS_DATABASE_URL=empty_database_url)

    assert (result.code, result.out, "not migrated" in result.err) == (1, "", True)

from tests.support.crm import execute
from worker.store.db.postgres import Pool
from worker.store.db.write_check import obstacle


def test_a_database_that_a_newer_release_migrated_is_no_obstacle(pool: Pool, database_url: str) -> None:
    execute(pool, "INSERT INTO schema_migrations (file, checksum) VALUES ('9999_newer.sql', 'x')")

    assert obstacle(database_url) is None


def test_a_file_changed_in_another_release_is_no_obstacle(pool: Pool, database_url: str) -> None:
    execute(pool, "UPDATE schema_migrations SET checksum = 'x'")

    assert obstacle(database_url) is None


def test_a_file_of_ours_that_is_not_applied_is_named_whatever_else_was(pool: Pool, database_url: str) -> None:
    execute(pool, "UPDATE schema_migrations SET file = '9999_newer.sql' WHERE file LIKE '0001%%'")

    assert obstacle(database_url) == "run perfectum-sms migrate: the schema lacks 0001_baseline.sql"


def test_an_empty_database_lacks_everything(empty_database_url: str) -> None:
    assert "0001_baseline.sql" in str(obstacle(empty_database_url))


def test_a_schema_that_requires_a_newer_program_is_an_obstacle(pool: Pool, database_url: str) -> None:
    execute(pool, "INSERT INTO schema_requires (file) VALUES ('9999_newer.sql')")

    assert "needs one that knows 9999_newer.sql" in str(obstacle(database_url))

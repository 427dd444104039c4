from collections.abc import Generator
from datetime import timedelta

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from tests.support.crm import SALT, delivery, event
from tests.support.databases import Urls, two_roles
from worker.core.privacy.retention import DEFAULTS
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.upkeep.retention import purge
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.audit.audit import Wanted, list_notes, note
from worker.store.db import partitions
from worker.store.db.postgres import Pool, clock, open_pool, transaction
from worker.store.privacy import retention_days

FORBIDDEN = (
    "UPDATE audit SET done_by = 'nobody'",
    "DELETE FROM audit",
    "TRUNCATE audit",
    "DROP TABLE audit",
    "ALTER TABLE audit DISABLE TRIGGER ALL",
    "UPDATE schema_migrations SET checksum = ''",
    "CREATE TABLE ours (id bigint)",
    "DROP TABLE events",
)


PURGE_ALL = "SELECT purge_audit(now() + interval '1 hour', 100)"


@pytest.fixture
def urls(database_url: str, acme_pool: Pool) -> Generator[Urls]:  # noqa: ARG001 (acme is there)
    with two_roles(database_url) as urls:
        yield urls


def test_who_works_cannot_change_what_was_noted(urls: Urls, subtests: pytest.Subtests) -> None:
    for url in (urls.worker, urls.web):
        with psycopg.connect(url, autocommit=True) as connection:
            note(connection, "Олена", "pause", "acme")
            for statement in FORBIDDEN:
                with subtests.test(statement), pytest.raises(InsufficientPrivilege):
                    connection.execute(statement.encode())
            assert {kept.by for kept in list_notes(connection, Wanted())} == {"Олена"}


def test_the_role_of_workers_makes_and_drops_months(urls: Urls, pool: Pool) -> None:
    with psycopg.connect(urls.worker, autocommit=True) as connection:
        now = clock(connection).replace(day=1)
        newest = partitions.keep(connection, now=now.replace(year=now.year + 1))
        old = partitions.keep(connection, now=now.replace(year=now.year - 2))
        assert (len(newest), len(old)) == (25, 25)

        dropped = partitions.drop_free(connection, before=now.date().replace(year=now.year - 1))

    assert sorted(dropped) == sorted(old)
    with transaction(pool) as connection:
        assert connection.execute("SELECT to_regclass(%s)", (dropped[0],)).fetchone() == (None,)


def test_no_month_of_late_can_be_dropped(urls: Urls) -> None:
    with psycopg.connect(urls.worker, autocommit=True) as connection:
        for parent, before in (("events", "2099-01-01"), ("audit", "2020-01-01")):
            with pytest.raises(psycopg.errors.RaiseException):
                connection.execute("SELECT drop_month(%s, %s)", (parent, before))


def test_the_role_of_the_console_makes_and_drops_nothing(urls: Urls) -> None:
    with psycopg.connect(urls.web, autocommit=True) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute("SELECT keep_partitions('events', now())")


def test_notes_of_the_last_year_outlive_any_purge(urls: Urls) -> None:
    with psycopg.connect(urls.worker, autocommit=True) as connection:
        now = clock(connection)
        retention_days.save(connection, "audit", 365)
        note(connection, "x", "pause", "new")
        note(connection, "x", "pause", "old", now=now - timedelta(days=366))
        connection.execute(PURGE_ALL)

        assert [kept.subject for kept in list_notes(connection, Wanted())] == ["new"]


def test_notes_outlive_a_purge_for_as_long_as_they_are_kept(urls: Urls) -> None:
    days = DEFAULTS["audit"]
    with psycopg.connect(urls.worker, autocommit=True) as connection:
        now = clock(connection)
        note(connection, "x", "pause", "kept", now=now - timedelta(days=days - 1))
        note(connection, "x", "pause", "old", now=now - timedelta(days=days + 1))
        connection.execute(PURGE_ALL)
        by_default = [kept.subject for kept in list_notes(connection, Wanted())]
        retention_days.save(connection, "audit", days - 2)
        connection.execute(PURGE_ALL)

        assert (by_default, list_notes(connection, Wanted())) == (["kept"], [])


def test_the_role_of_workers_takes_events_and_purges(urls: Urls) -> None:
    with open_pool(urls.worker, size=2, name="test of roles") as pool:
        [accepted] = accept(Intake(pool, ConfigurationCache(), SALT), [delivery(event())])
        purge(pool)

    assert accepted.planned + accepted.postponed == 1

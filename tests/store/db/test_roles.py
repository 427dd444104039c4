from collections import defaultdict
from collections.abc import Generator
from datetime import timedelta

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from tests.steps.receipts.receipts import callback, states_by_message, taken
from tests.support.crm import SALT, SECRET, delivery, event, execute, row
from tests.support.databases import Urls, own_roles
from worker.core.privacy.retention import DEFAULTS
from worker.steps.access import users as people
from worker.steps.access.api_keys import Wanted as Key
from worker.steps.access.api_keys import authenticate, make
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.receipts.callbacks import record_callbacks
from worker.steps.upkeep.retention import purge
from worker.store.access.users import NewUser
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
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
    with own_roles(database_url) as urls:
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


def test_the_role_of_the_console_makes_and_widens_no_key(urls: Urls, pool: Pool, subtests: pytest.Subtests) -> None:
    with transaction(pool) as connection:
        key = make(connection, Seal([SECRET]), Key("acme", "CRM", ["read"]), by="Олена", now=clock(connection))
    with psycopg.connect(urls.web, autocommit=True) as connection:
        for statement in (
            "INSERT INTO api_keys (account, name, scopes, created_at) VALUES ('acme', 'mine', '{send}', now())",
            "UPDATE api_keys SET scopes = '{send}'",
            "UPDATE api_keys SET sees_phones = true, expires_at = NULL",
            "UPDATE api_keys SET secret_hash = sha256('mine')",
        ):
            with subtests.test(statement), pytest.raises(InsufficientPrivilege):
                connection.execute(statement.encode())
        used = authenticate(connection, f"Bearer {key.text}", clock(connection))

    assert used is not None
    assert row(pool, "SELECT last_used_at IS NOT NULL FROM api_keys") == (True,)


def test_the_role_of_the_console_signs_people_in_and_out(urls: Urls, pool: Pool) -> None:
    with transaction(pool) as connection:
        olena = NewUser("olena", "admin", "acme", sees_phones=True, spends=True, sees_prices=True)
        invited = people.invite(connection, olena, by="test", now=clock(connection))
    assert invited
    with psycopg.connect(urls.web, autocommit=True) as connection:
        entered = people.enter(connection, invited.secret, "four words are enough", "uk", now=clock(connection))
        assert entered
        assert people.signed_in(connection, entered.secret, now=clock(connection))
        people.sign_out(connection, entered.secret)

        assert people.signed_in(connection, entered.secret, now=clock(connection)) is None


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


def test_a_door_records_whatever_a_callback_reports(urls: Urls, pool: Pool) -> None:
    execute(pool, "UPDATE accounts SET outcomes = '{all}'")
    channels = ("sms", "viber", "viber_then_sms")
    for channel in channels:
        taken(pool, f"{channel}-1", f"{channel}-2", channel=channel)
    reports = [
        callback(f"{channel}-{nth}", status)
        for channel in channels
        for nth, status in ((1, "DELIVRD"), (1, "READ"), (2, "UNDELIV"))
    ]

    with open_pool(urls.door, size=2, name="test of roles") as door:
        outcomes = record_callbacks(door, "acme", reports)

    assert set(outcomes) == {"recorded"}
    assert {state for state, _ in states_by_message(pool).values()} == {"read", "sent", "undelivered"}
    assert row(pool, "SELECT count(*) > 0 FROM outcomes WHERE type = 'notification.read'") == (True,)


#: All that a door reads; whatever is not here it does not read: no token, no text, no phone, no name, no body.
READ_BY_A_DOOR = {
    "accounts": {"callback_secret", "id"},
    "callbacks": {"account", "event_id", "first_at", "last_at", "message_id", "recorded_at", "status", "times"},
    "channel_statuses": {
        *("account", "channel", "message_id", "price", "price_status", "rejected", "segments", "sent_at", "status"),
        "updated_at",
    },
    "configuration": {"singleton", "version"},
    "events": {"event_id", "id", "month"},
    "notifications": {
        *("account", "attempt", "attempt_month", "channel", "due_at", "event", "event_month", "id", "lane", "month"),
        *("nudges", "reason", "recipient_key", "state", "tries", "trigger"),
    },
    "provider_messages": {"accepted_at", "account", "ask_at", "attempt", "message_id", "month", "notification"},
    "schema_migrations": {"applied_at", "checksum", "file"},
    "schema_requires": {"file"},
    "transitions": {"actor", "at", "attempt", "from_state", "id", "month", "notification", "reason", "to_state"},
    "viber_reach": {"account", "recipient_key", "refused_at"},
    "write_checks": {"at", "singleton"},
}
READABLE = """
SELECT c.relname, a.attname FROM pg_attribute AS a INNER JOIN pg_class AS c ON a.attrelid = c.oid
WHERE
    c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0 AND NOT a.attisdropped
    AND has_column_privilege(c.oid, a.attnum, 'SELECT')
"""


def test_a_door_reads_no_token_no_text_and_no_phone(urls: Urls, subtests: pytest.Subtests) -> None:
    with psycopg.connect(urls.door, autocommit=True) as connection:
        readable = defaultdict[str, set[str]](set)
        for table, column in connection.execute(READABLE.encode()):
            readable[table].add(column)
        for statement in (
            *("SELECT token FROM accounts", "SELECT text FROM notifications", "SELECT phone FROM notifications"),
            *("SELECT body FROM events", "SELECT name FROM search_entries", "SELECT phone FROM suppressions"),
        ):
            with subtests.test(statement), pytest.raises(InsufficientPrivilege):
                connection.execute(statement.encode())

    assert readable == READ_BY_A_DOOR


def test_a_door_changes_no_account_and_no_secret(urls: Urls, subtests: pytest.Subtests) -> None:
    with psycopg.connect(urls.door, autocommit=True) as connection:
        for statement in (
            *("UPDATE accounts SET callback_secret = NULL", "DELETE FROM notifications", "SELECT * FROM api_keys"),
            *("UPDATE notifications SET phone = NULL", "INSERT INTO events DEFAULT VALUES", "SELECT * FROM secrets"),
            *FORBIDDEN,
        ):
            with subtests.test(statement), pytest.raises(InsufficientPrivilege):
                connection.execute(statement.encode())

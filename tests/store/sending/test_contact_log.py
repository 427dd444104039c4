from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest
from psycopg.errors import RaiseException

from tests.core.sending.test_frequency_cap import a_row
from tests.store.plans import looked_at
from tests.store.right_rows import rows
from tests.support.crm import add_account, row
from tests.support.waiting import PATIENCE_S
from worker.core.sending.eligibility import Claimed
from worker.core.sending.frequency_cap import Contact, text_hash
from worker.store.db.postgres import Connection, Pool, clock, transaction
from worker.store.retention import CONTACTS, purge
from worker.store.sending.contact_log import EACH, RECENT_CONTACTS, recent_contacts, reset_day
from worker.store.sending.write_claim import Leaving, write

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
OLENA, PETRO = b"olena", b"petro\x00\xff"
FORTNIGHT, TICK = timedelta(days=14), timedelta(microseconds=1)
SEED = """
INSERT INTO contact_log (account, recipient_key, month, notification, text_hash, at)
SELECT %s, %s, '2026-11-01', n, decode(repeat('ab', 16), 'hex'), %s::timestamptz - n * interval '1 second'
FROM generate_series(1, %s) AS n
"""
COUNT = "SELECT count(*) FROM contact_log"


@pytest.fixture
def now(acme: Connection) -> datetime:
    return clock(acme)


def seed(connection: Connection, number: int, *, at: datetime, key: bytes = OLENA, account: str = "acme") -> None:
    """So many contacts of one person, a second apart, the newest a second before `at`."""
    rows(connection, SEED, account, key, at, number)


def add_contacts(connection: Connection, account: str, going: Sequence[Claimed], *, now: datetime) -> None:
    write(connection, [], [Leaving(account, going=going)], now=now)


def numbers(contacts: dict[bytes, list[Contact]], key: bytes = OLENA) -> list[int]:
    return [contact.notification_id[1] for contact in contacts.get(key, ())]


def test_recent_contacts_are_read_newest_first(acme: Connection, now: datetime) -> None:
    add_contacts(acme, "acme", [a_row(2, "later")], now=now)
    add_contacts(acme, "acme", [a_row(3, "sooner", month=OCTOBER)], now=now - timedelta(hours=1))
    add_contacts(acme, "acme", [a_row(1, "Петрові", key=PETRO)], now=now)

    assert recent_contacts(acme, "acme", [OLENA, PETRO, OLENA, b"nobody"], now=now) == {
        OLENA: [
            Contact(now, text_hash("later"), (NOVEMBER, 2)),
            Contact(now - timedelta(hours=1), text_hash("sooner"), (OCTOBER, 3)),
        ],
        PETRO: [Contact(now, text_hash("Петрові"), (NOVEMBER, 1))],
    }


def test_a_retried_contact_counts_once_with_its_newest_text(acme: Connection, now: datetime) -> None:
    add_contacts(acme, "acme", [a_row(1, "old"), a_row(2, "x")], now=now - timedelta(hours=2))
    add_contacts(acme, "acme", [a_row(1, "new")], now=now)

    assert recent_contacts(acme, "acme", [OLENA], now=now)[OLENA] == [
        Contact(now, text_hash("new"), (NOVEMBER, 1)),
        Contact(now - timedelta(hours=2), text_hash("x"), (NOVEMBER, 2)),
    ]


def test_accounts_do_not_see_contacts_of_other_accounts(acme: Connection, now: datetime) -> None:
    rows(acme, "INSERT INTO accounts (id, name, token, sms_sender, created_at) VALUES ('b', 'x', 'x', 'x', now())")
    add_contacts(acme, "b", [a_row(1)], now=now)

    assert recent_contacts(acme, "acme", [OLENA], now=now) == {}
    assert numbers(recent_contacts(acme, "b", [OLENA], now=now)) == [1]


def test_a_fortnight_is_remembered_to_the_moment(acme: Connection, now: datetime) -> None:
    add_contacts(acme, "acme", [a_row(1)], now=now - FORTNIGHT + TICK)
    add_contacts(acme, "acme", [a_row(2)], now=now - FORTNIGHT)

    assert numbers(recent_contacts(acme, "acme", [OLENA], now=now)) == [1]


def test_of_a_busy_phone_only_the_newest_contacts_are_read(acme: Connection, now: datetime) -> None:
    seed(acme, EACH + 500, at=now)
    seed(acme, 3, at=now, key=PETRO)

    contacts = recent_contacts(acme, "acme", [OLENA, PETRO], now=now)

    assert len(contacts[OLENA]) == EACH
    assert [contact.at for contact in contacts[OLENA]] == sorted(
        (contact.at for contact in contacts[OLENA]), reverse=True
    )
    assert numbers(contacts, PETRO) == [1, 2, 3]


def test_of_a_busy_phone_only_the_rows_of_the_limit_are_read(acme: Connection, now: datetime) -> None:
    for person in range(4):
        seed(acme, 5 * EACH, at=now, key=f"crowd {person}".encode())
    rows(acme, "ANALYZE contact_log")
    values = {"account": "acme", "keys": f"{OLENA.hex()},{b'crowd 1'.hex()}", "now": now, "each": EACH}

    # For two people, half of EACH on average: the limit ends the reading.
    assert looked_at(acme, RECENT_CONTACTS, values, "contact_log") == EACH


def test_without_keys_or_rows_the_contact_log_is_not_queried(acme: Connection, now: datetime) -> None:
    with acme.transaction(force_rollback=True):
        rows(acme, "DROP TABLE contact_log")

        assert recent_contacts(acme, "acme", [], now=now) == {}
        add_contacts(acme, "acme", [], now=now)


def test_a_resumed_person_counts_anew_and_keeps_their_habit(acme: Connection, now: datetime) -> None:
    day = timedelta(hours=24)
    add_contacts(acme, "acme", [a_row(1)], now=now)
    add_contacts(acme, "acme", [a_row(2)], now=now - day + TICK)
    add_contacts(acme, "acme", [a_row(3)], now=now - day)
    add_contacts(acme, "acme", [a_row(4, key=PETRO)], now=now)

    assert reset_day(acme, "acme", OLENA, now=now) == 2
    assert numbers(recent_contacts(acme, "acme", [OLENA], now=now)) == [3]
    assert numbers(recent_contacts(acme, "acme", [PETRO], now=now), PETRO) == [4]


def test_only_contacts_older_than_a_fortnight_are_deleted(acme: Connection, now: datetime) -> None:
    add_contacts(acme, "acme", [a_row(1)], now=now - FORTNIGHT + TICK)
    add_contacts(acme, "acme", [a_row(2), a_row(3)], now=now - FORTNIGHT)
    add_contacts(acme, "acme", [a_row(2)], now=now)

    assert purge(acme, CONTACTS, {"now": now}) == 1
    assert numbers(recent_contacts(acme, "acme", [OLENA], now=now)) == [2, 1]


@pytest.mark.parametrize("old", [0, 6, 7])
def test_slices_forget_everything_in_the_end(acme: Connection, now: datetime, old: int) -> None:
    seed(acme, old, at=now - FORTNIGHT)
    add_contacts(acme, "acme", [a_row(1, key=PETRO)], now=now)

    assert purge(acme, CONTACTS, {"now": now}, slice_=3) == old
    assert rows(acme, COUNT) == [(1,)]


def test_a_contact_being_renewed_is_neither_locked_nor_deleted(pool: Pool) -> None:
    add_account(pool)
    with transaction(pool) as connection:
        now = clock(connection)
        add_contacts(connection, "acme", [a_row(1), a_row(2)], now=now - 2 * FORTNIGHT)

    with transaction(pool) as teller, pool.connection() as other:
        add_contacts(teller, "acme", [a_row(1)], now=now)
        assert purge(other, CONTACTS, {"now": now}) == 1

    with pool.connection() as connection:
        assert numbers(recent_contacts(connection, "acme", [OLENA], now=now)) == [1]


def test_each_slice_of_deletions_is_committed_before_the_next(pool: Pool) -> None:
    add_account(pool)
    with transaction(pool) as connection:
        now = clock(connection)
        seed(connection, 5, at=now - FORTNIGHT)
        rows(connection, "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''stop''; END'")
        rows(
            connection,
            "CREATE TRIGGER stop BEFORE DELETE ON contact_log FOR EACH ROW WHEN (old.notification = 3)"
            " EXECUTE FUNCTION stop()",
        )

    # The third slice cannot go.
    with pytest.raises(RaiseException, match="stop"), pool.connection() as connection:
        purge(connection, CONTACTS, {"now": now}, slice_=1)

    assert row(pool, COUNT) == (3,)


def test_concurrent_writes_of_the_same_contacts_never_deadlock(pool: Pool) -> None:
    add_account(pool)
    together = Barrier(2)

    def add_ten_times(order: Iterable[int]) -> None:
        mine = [a_row(number, key=b"%d" % number) for number in order]
        for _ in range(10):
            together.wait(PATIENCE_S)
            with transaction(pool) as connection:
                add_contacts(connection, "acme", mine, now=clock(connection))

    with ThreadPoolExecutor() as threads:
        running = [threads.submit(add_ten_times, order) for order in (range(500), reversed(range(500)))]
        for future in running:
            future.result(PATIENCE_S)

    assert row(pool, COUNT) == (500,)

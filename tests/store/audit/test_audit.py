from datetime import UTC, datetime, timedelta
from decimal import Decimal

from worker.store.audit.audit import Wanted, every_note, list_notes, note
from worker.store.db.postgres import Connection, Pool, transaction

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def write(connection: Connection) -> None:
    note(connection, "Олена", "trigger", "contact_birthday", account="acme", after={"switched_on": False}, now=NOON)
    note(connection, "root", "trigger", "order_created", account="acme", now=NOON + timedelta(hours=1))
    note(connection, "root", "settings", "beta", account="beta", after={"daily_budget": Decimal("9.50")})


def test_a_note_says_who_did_what_when_and_what_was_before(pool: Pool) -> None:
    with transaction(pool) as connection:
        note(connection, "Олена", "trigger", "order_created", account="acme", before={"switched_on": True}, now=NOON)
        [kept] = list_notes(connection, Wanted())

    assert (kept.by, kept.action, kept.subject, kept.account) == ("Олена", "trigger", "order_created", "acme")
    assert (kept.at, kept.before, kept.after) == (NOON, {"switched_on": True}, None)


def test_notes_are_filtered_by_each_thing_they_say(pool: Pool) -> None:
    with transaction(pool) as connection:
        write(connection)
        found = {
            name: [kept.subject for kept in list_notes(connection, wanted)]
            for name, wanted in {
                "account": Wanted(account="beta"),
                "action": Wanted(action="trigger"),
                "by": Wanted(by="Олена"),
                "subject": Wanted(subject="birth"),
                "since": Wanted(since=NOON + timedelta(minutes=1), until=NOON + timedelta(days=1)),
            }.items()
        }

    assert found == {
        "account": ["beta"],
        "action": ["order_created", "contact_birthday"],
        "by": ["contact_birthday"],
        "subject": ["contact_birthday"],
        "since": ["order_created"],
    }


def test_all_notes_are_read_a_page_at_a_time(pool: Pool) -> None:
    with transaction(pool) as connection:
        for number in range(5):
            note(connection, "root", "pause", str(number), now=NOON)
        pages = list_notes(connection, Wanted(), limit=2)

        assert [kept.subject for kept in pages] == ["4", "3"]
        assert [kept.subject for kept in list_notes(connection, Wanted(), below=pages[-1].id)] == ["2", "1", "0"]
        assert [kept.subject for kept in every_note(connection, Wanted())] == ["4", "3", "2", "1", "0"]


def test_a_note_of_what_was_rolled_back_is_not_there(pool: Pool) -> None:
    with pool.connection() as connection:
        note(connection, "root", "pause", "acme")
        connection.rollback()

        assert list_notes(connection, Wanted()) == []

from datetime import timedelta

import pytest

from tests.store.history.planned import age, entered, planned
from tests.support.crm import SALT, execute, given_columns, row, rows
from worker.core.history.filters import Filter
from worker.steps.ingest.plan import Intake
from worker.steps.upkeep.fill_search_index import fill_search_index
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Pool, clock, transaction
from worker.store.history.matching import every
from worker.store.history.search_entries import enter_planned
from worker.store.privacy.rows import enter_anew

WORDS = "SELECT name, words LIKE %s FROM search_entries ORDER BY notification"


@pytest.fixture
def intake(acme_pool: Pool) -> Intake:
    return Intake(acme_pool, ConfigurationCache(), SALT)


def found(pool: Pool, text: str) -> list[int]:
    with transaction(pool) as connection:
        return [number for _, number in every(connection, Filter(account="acme", text=text)).ids]


def test_a_notification_is_entered_with_name_text_and_phone(intake: Intake, pool: Pool) -> None:
    planned(intake, "Ганна", client={"id": "5", "company": "ТОВ «Мрія»"})

    assert entered(pool) == 1
    assert rows(pool, WORDS, "%замовлення%\nганна дем'янюк, тов «мрія»%\n+380671234567") == [
        ("Ганна Дем'янюк, ТОВ «Мрія»", True)
    ]


def test_a_young_notification_waits_for_the_burst_to_be_over(intake: Intake, pool: Pool) -> None:
    planned(intake, "Ганна")

    assert fill_search_index(pool) == 0
    age(pool, timedelta(seconds=61))
    assert (fill_search_index(pool), fill_search_index(pool)) == (1, 0)


def test_all_are_entered_batch_by_batch_and_the_mark_follows(intake: Intake, pool: Pool) -> None:
    planned(intake, *"АБВГҐ")

    assert entered(pool, batch=2) == 5
    assert row(pool, "SELECT count(*) FROM search_entries") == (5,)
    assert rows(pool, "SELECT notification FROM search_progress") == rows(pool, "SELECT max(id) FROM notifications")


def test_what_was_committed_late_is_entered_too(intake: Intake, pool: Pool) -> None:
    planned(intake, "Ганна", "Іван", "Яна")
    [(first,), (late,), (last,)] = rows(pool, "SELECT id FROM notifications ORDER BY id")
    execute(pool, "UPDATE notifications SET created_at = now() - interval '90 seconds'")
    execute(pool, "CREATE TABLE away AS SELECT * FROM notifications WHERE id = %s", late)
    execute(pool, "DELETE FROM notifications WHERE id = %s", late)
    execute(pool, "DELETE FROM search_changes")

    assert fill_search_index(pool) == 2
    given = given_columns(pool, "notifications")
    execute(pool, f"INSERT INTO notifications ({given}) SELECT {given} FROM away")  # noqa: S608 (column names)
    execute(pool, "DROP TABLE away")
    assert fill_search_index(pool) == 1
    assert rows(pool, "SELECT notification FROM search_entries ORDER BY 1") == [(first,), (late,), (last,)]


def test_the_next_month_is_gone_on_with(intake: Intake, pool: Pool) -> None:
    planned(intake, "Ганна", "Іван")
    execute(
        pool,
        "UPDATE notifications SET month = month - interval '1 month' WHERE id = (SELECT min(id) FROM notifications)",
    )
    execute(pool, "DELETE FROM search_changes")
    age(pool)

    assert fill_search_index(pool) == 2


@pytest.mark.parametrize(
    "change",
    [
        "text = 'Вітаємо'",
        "phone = '+380501112233'",
        "recipient_id = '9'",
        "client_id = '9'",
        "recipient_key = '1'",
    ],
)
def test_what_is_changed_is_forgotten_at_once_and_entered_anew(intake: Intake, pool: Pool, change: str) -> None:
    planned(intake, "Ганна")
    entered(pool)
    before = row(pool, "SELECT words, terms FROM search_entries")

    execute(pool, f"UPDATE notifications SET {change}")  # noqa: S608 (our own change)

    assert rows(pool, "SELECT words FROM search_entries") == []
    assert fill_search_index(pool) == 1
    assert row(pool, "SELECT words, terms FROM search_entries") != before


def test_sending_and_reports_touch_no_entry(intake: Intake, pool: Pool) -> None:
    planned(intake, "Ганна")
    entered(pool)

    execute(pool, "UPDATE notifications SET state = 'postponed', reason = 'paced', text = text, nudges = 1")

    assert rows(pool, "SELECT count(*) FROM search_entries") == [(1,)]
    assert rows(pool, "SELECT notification FROM search_changes") == []


def test_a_deleted_notification_takes_its_words_with_it(intake: Intake, pool: Pool) -> None:
    planned(intake, "Ганна", "Іван")
    entered(pool)

    execute(pool, "DELETE FROM notifications WHERE id = (SELECT min(id) FROM notifications)")
    fill_search_index(pool)

    assert rows(pool, "SELECT name FROM search_entries") == [("Іван Дем'янюк",)]


def test_what_is_just_being_entered_is_entered_anew(intake: Intake, pool: Pool) -> None:
    planned(intake, "Ганна")
    age(pool)
    with transaction(pool) as scheduler:
        enter_planned(scheduler, limit=10, now=clock(scheduler))
        execute(pool, "UPDATE events SET body = 'not json'")
        with transaction(pool) as erasing:
            enter_anew(erasing, erasing.execute("SELECT month, id FROM notifications").fetchall())
    assert rows(pool, "SELECT name FROM search_entries") == [("Ганна Дем'янюк",)]

    fill_search_index(pool)

    assert rows(pool, "SELECT name FROM search_entries") == [(None,)]


def test_a_text_that_goes_by_sms_instead_keeps_its_entry(intake: Intake, pool: Pool) -> None:
    planned(intake, "Ганна")
    execute(pool, "UPDATE notifications SET channel = 'viber_then_sms', viber = '{}'")
    entered(pool)
    with transaction(pool) as connection:
        assert len(every(connection, Filter(account="acme", channel="viber_then_sms")).ids) == 1

    execute(pool, "UPDATE notifications SET channel = 'sms', viber = NULL")

    assert rows(pool, "SELECT notification FROM search_changes") == []
    with transaction(pool) as connection:
        assert every(connection, Filter(account="acme", channel="viber_then_sms")).ids == []
        assert len(every(connection, Filter(account="acme", channel="sms")).ids) == 1


def test_two_schedulers_enter_nothing_twice(intake: Intake, pool: Pool) -> None:
    planned(intake, "Ганна")
    age(pool)
    with pool.connection() as other:
        other.execute("SELECT * FROM search_progress FOR UPDATE")
        assert fill_search_index(pool) == 0
    assert fill_search_index(pool) == 1


def test_an_event_that_names_nobody_leaves_the_name_out(intake: Intake, pool: Pool) -> None:
    planned(intake, "Ганна")
    execute(pool, "UPDATE events SET body = 'not json'")

    entered(pool)

    assert rows(pool, "SELECT name FROM search_entries") == [(None,)]
    assert len(found(pool, "замовлення")) == 1

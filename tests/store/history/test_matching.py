from datetime import UTC, datetime

import pytest

from tests.store.history.population import ROWS, populated
from tests.support.crm import execute, rows
from worker.core.history.filters import Filter, Subject
from worker.core.history.keywords import words
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Pool, transaction
from worker.store.hands.chosen import by_filter
from worker.store.history.conditions import without_keywords
from worker.store.history.matching import every, find

AFTER = datetime(2026, 10, 31, 23, tzinfo=UTC)
#: Every way of an index, alone and with what is asked besides.
WANTED = (
    Filter(),
    Filter(account="acme"),
    Filter(account="beta", states=("undelivered",)),
    Filter(account="acme", states=("undelivered", "read"), triggers=("order_created",)),
    Filter(account="acme", states=("undelivered", "delivered"), channel="viber"),
    Filter(states=("read",)),
    Filter(account="acme", client="5"),
    Filter(account="acme", client="5", text="на"),
    Filter(account="acme", client="5", states=("undelivered", "read")),
    Filter(account="acme", recipient=Subject("contact", "17"), triggers=("order_created",)),
    Filter(account="acme", record=Subject("invoice", "9"), since=AFTER),
    Filter(account="acme", phone_key=bytes.fromhex("c4ca4238a0b923820dcc509a6f75849b"), until=AFTER),
    Filter(account="acme", triggers=("contact_birthday",)),
    Filter(account="acme", triggers=("contact_birthday", "order_created"), states=("read",)),
    Filter(account="acme", channel="viber"),
    Filter(account="acme", channel="sms"),
    Filter(account="acme", text="замовлення"),
    Filter(account="acme", text="ҐАНОКА знижка"),
    Filter(account="acme", text="100%"),
    Filter(account="acme", text="рахунка"),
    Filter(account="acme", text="рахунок 77", channel="sms", since=AFTER),
    Filter(account="acme", text="067 000 00 42"),
    Filter(account="beta", text="рахунок", states=("undelivered",)),
    Filter(account="nobody", text="рахунок"),
)


def expected(pool: Pool, wanted: Filter) -> list[NotificationId]:
    """By a look at every row."""
    where, values = without_keywords(wanted)
    with transaction(pool) as connection:
        statement = f"SELECT n.month, n.id, n.text, n.phone FROM notifications AS n WHERE {where}"  # noqa: S608 (ours)
        every = connection.execute(statement.encode(), values).fetchall()
    fitting = [row[:2] for row in every if wanted.keywords.are_in(words(row[2], None, row[3]))]
    return sorted(fitting, reverse=True)


def paged(pool: Pool, wanted: Filter, size: int) -> list[NotificationId]:
    with transaction(pool) as connection:
        return every(connection, wanted, page=size).ids


@pytest.fixture(params=[0, 40], ids=["entered", "partly entered"])
def history(acme_pool: Pool, request: pytest.FixtureRequest) -> Pool:
    populated(acme_pool, left_out=request.param)
    return acme_pool


def test_pages_hold_each_row_of_a_filter_once_the_newest_first(history: Pool, subtests: pytest.Subtests) -> None:
    for wanted in WANTED:
        right = expected(history, wanted)
        for size in (len(right) // 3 + 1, ROWS):
            with subtests.test(str(wanted), size=size, rows=len(right)):
                assert paged(history, wanted, size) == right


def test_changed_rows_are_found_before_they_are_entered_again(acme_pool: Pool) -> None:
    populated(acme_pool)
    execute(acme_pool, "UPDATE notifications SET text = 'Знижка для Ґанока' WHERE id = 20 OR id = 4000")
    wanted = Filter(account="acme", text="ґанока")

    assert rows(acme_pool, "SELECT count(*) FROM search_changes") == [(2,)]
    assert paged(acme_pool, wanted, 2) == expected(acme_pool, wanted)


def test_what_is_too_much_to_be_looked_through_is_said(acme_pool: Pool) -> None:
    populated(acme_pool, left_out=5_000)

    with transaction(acme_pool) as connection:
        wide = find(connection, Filter(account="acme", text="рахунка"), limit=30)
        narrow = find(connection, Filter(account="acme", client="5", text="рахунка"), limit=30)

    assert wide.unsearched
    assert wide.unsearched.since.year == 2035
    assert narrow.unsearched is None


def test_whoever_takes_all_hears_of_what_is_past_the_first_hit(acme_pool: Pool) -> None:
    populated(acme_pool, left_out=5_000)
    wanted = Filter(account="acme", text="ґанока")

    with transaction(acme_pool) as connection:
        first, chosen = find(connection, wanted, limit=1), by_filter(connection, wanted)

    assert (len(first.ids), first.unsearched) == (1, None)
    assert chosen.unsearched
    assert chosen.unsearched.since.year == 2035
    assert chosen.only("planned").unsearched == chosen.unsearched

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.store.history.planned import entered, planned
from tests.store.plans import PLANNERS, looked_at
from tests.store.right_rows import RIGHT, add, rows
from tests.support.crm import SALT, execute
from worker.core.history.filters import Filter
from worker.steps.ingest.plan import Intake
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Connection, Pool, transaction
from worker.store.history.conditions import conditions
from worker.store.history.entries import page, pages
from worker.store.history.matching import by_state, count, in_order
from worker.store.history.months import first_id

LIMIT = 30
START = datetime(2026, 10, 1, tzinfo=UTC)


def seed(connection: Connection) -> None:
    """Three old rows of acme, one of them refused, under many of another account."""
    for number in range(1, 4):
        add(connection, "notifications", {"id": str(number), "month": "'2026-10-01'", "client_id": "'5'"})
    right = {**RIGHT["notifications"], "account": "'crowded'", "id": "n", "month": "'2026-10-01'", "client_id": "'5'"}
    rows(
        connection,
        f"INSERT INTO notifications ({', '.join(right)}) SELECT {', '.join(right.values())}"  # noqa: S608 (our own names)
        " FROM generate_series(10, 5000) AS n",
    )
    rows(
        connection,
        "UPDATE notifications SET state = 'refused', reason = 'x', due_at = NULL WHERE id IN (2, 20, 4000)",
    )
    rows(connection, "ANALYZE notifications")


@PLANNERS
def test_a_page_reads_only_its_own_rows(acme: Connection, planner: str, subtests: pytest.Subtests) -> None:
    seed(acme)
    rows(acme, planner)

    for wanted, statement, most in (
        (Filter(), in_order, LIMIT),
        (Filter(account="crowded"), in_order, LIMIT),
        (Filter(account="acme"), in_order, 3),
        (Filter(account="acme", client="5"), in_order, 3),
        (Filter(account="acme", states=("refused",)), by_state, 1),
        (Filter(account="crowded", states=("refused",)), by_state, 2),
    ):
        with subtests.test(str(wanted)):
            where, values = conditions(wanted)
            stretch = {"month": date(2026, 10, 1), "first": 0, "below": 10_000, "limit": LIMIT}
            read = looked_at(acme, statement(where), {**values, **stretch}, "notifications")

            assert 0 < read <= most


def test_a_page_says_where_the_next_one_goes_on(acme: Connection) -> None:
    seed(acme)

    first = page(acme, Filter(account="acme"), limit=2)
    last = page(acme, Filter(account="acme"), limit=2, after=first.after)

    assert [entry.id for entry in (*first.entries, *last.entries)] == [3, 2, 1]
    assert (first.after, last.after) == ((date(2026, 10, 1), 2), None)
    assert [len(part.entries) for part in pages(acme, Filter(account="acme"), size=2)] == [2, 1]


def test_rows_are_counted_unless_keywords_must_be_looked_for(acme: Connection) -> None:
    seed(acme)

    assert count(acme, Filter(account="acme", client="5")) == 3
    assert count(acme, Filter(account="acme", text="рахунок")) is None


def test_a_name_is_shown_before_and_after_it_is_entered(acme_pool: Pool) -> None:
    planned(Intake(acme_pool, ConfigurationCache(), SALT), "Ганна")

    with transaction(acme_pool) as connection:
        [young] = page(connection, Filter(), limit=2).entries
    entered(acme_pool)
    execute(acme_pool, "UPDATE events SET body = '{}'")
    with transaction(acme_pool) as connection:
        [old] = page(connection, Filter(), limit=2).entries

    assert (young.name, old.name) == ("Ганна Дем'янюк", "Ганна Дем'янюк")


def test_the_first_row_of_a_moment_is_found_among_gaps(acme: Connection) -> None:
    for number, minutes in ((3, 1), (40, 2), (41, 2), (500, 3)):
        moment = f"'{START + timedelta(minutes=minutes)}'"
        add(acme, "notifications", {"month": "'2026-10-01'", "id": str(number), "created_at": moment})

    firsts = [first_id(acme, date(2026, 10, 1), START + timedelta(minutes=minutes)) for minutes in range(5)]
    found = [rows(acme, "SELECT min(id) FROM notifications WHERE id >= %s", first)[0][0] for first in firsts]

    assert found == [3, 3, 40, 500, None]

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from psycopg import sql
from psycopg.errors import LockNotAvailable

from tests.store.right_rows import MONTH, add, rows
from tests.support.waiting import PATIENCE_S, wait_until
from worker.store.db.partitions import keep
from worker.store.db.postgres import Connection, Pool, clock, transaction

PARTITIONED = ["events", "notifications", "search_entries", "transitions", "attempts"]


def home(connection: Connection, table: str) -> str:
    [(name,)] = rows(connection, f"SELECT tableoid::regclass::text FROM {table}")  # noqa: S608 (our own names)
    return name


@pytest.mark.parametrize("table", PARTITIONED)
@pytest.mark.parametrize("ahead", range(-1, 4))
def test_partitions_exist_from_last_month_to_three_ahead(acme: Connection, table: str, ahead: int) -> None:
    [(month,)] = rows(acme, f"SELECT ({MONTH} + make_interval(months => %s))::date", ahead)

    add(acme, table, {"month": f"'{month}'"})

    assert home(acme, table) == f"{table}_{month:%Y_%m}"


@pytest.mark.parametrize("table", PARTITIONED)
@pytest.mark.parametrize("month", [date(2020, 1, 1), date(2099, 1, 1)])
def test_another_month_is_kept_in_the_default_partition(acme: Connection, table: str, month: date) -> None:
    add(acme, table, {"month": f"'{month}'"})

    assert home(acme, table) == f"{table}_default"


def test_existing_partitions_are_not_made_again(acme: Connection) -> None:
    assert keep(acme, now=clock(acme)) == []


def test_a_month_later_one_partition_of_each_is_made(acme: Connection) -> None:
    keep(acme, now=datetime(2031, 11, 30, 23, 59, tzinfo=UTC))

    made = keep(acme, now=datetime(2031, 12, 1, tzinfo=UTC))

    assert made == [f"{table}_2032_03" for table in PARTITIONED]


def work(pool: Pool) -> list[str]:
    with pool.connection() as connection:
        return keep(connection, now=datetime(2040, 1, 1, tzinfo=UTC))


def test_four_schedulers_at_once_make_each_partition_once(pool: Pool) -> None:
    with ThreadPoolExecutor(4) as schedulers:
        made = [name for names in schedulers.map(work, [pool] * 4) for name in names]

    assert (len(made), len(set(made))) == (25, 25)


def test_a_busy_table_is_left_for_later_and_the_others_are_kept(pool: Pool) -> None:
    with transaction(pool) as writer:
        writer.execute("LOCK TABLE attempts_default IN ROW EXCLUSIVE MODE")
        with pytest.raises(LockNotAvailable):
            work(pool)

    assert work(pool) == [f"attempts_20{month}" for month in ("39_12", "40_01", "40_02", "40_03", "40_04")]


def test_a_writer_never_deadlocks_with_the_making_of_partitions(pool: Pool) -> None:
    with transaction(pool) as writer, ThreadPoolExecutor(1) as scheduler:
        writer.execute("SET LOCAL lock_timeout = '900ms'")
        writer.execute("LOCK TABLE attempts_default IN ROW EXCLUSIVE MODE")
        keeping = scheduler.submit(work, pool)
        wait_until(lambda: is_kept_waiting(pool), "the scheduler waits for the writer")

        for table in ("transitions", "notifications", "events", "attempts"):
            writer.execute(sql.SQL("LOCK TABLE {} IN ROW EXCLUSIVE MODE").format(sql.Identifier(f"{table}_default")))

        assert isinstance(keeping.exception(timeout=PATIENCE_S), LockNotAvailable)


def is_kept_waiting(pool: Pool) -> bool:
    with pool.connection() as connection:
        asked = "SELECT count(*) FROM pg_locks WHERE relation = 'attempts_default'::regclass AND NOT granted"
        return rows(connection, asked) == [(1,)]


@pytest.mark.parametrize("table", PARTITIONED)
def test_rows_of_the_default_partition_move_into_their_month(acme: Connection, table: str) -> None:
    month = date(2031, 12, 1)
    add(acme, table, {"month": f"'{month}'"})
    assert home(acme, table) == f"{table}_default"

    keep(acme, now=datetime(2031, 12, 5, tzinfo=UTC))

    assert home(acme, table) == f"{table}_2031_12"

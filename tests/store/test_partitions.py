from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from tests.store.right_rows import MONTH, add, rows
from worker.store.partitions import keep
from worker.store.postgres import Connection, Pool, clock, transaction

PARTITIONED = ["events", "notifications", "moves", "attempts"]


def home(connection: Connection, table: str) -> str:
    [(name,)] = rows(connection, f"SELECT tableoid::regclass::text FROM {table}")  # noqa: S608 (our own words)
    return name


@pytest.mark.parametrize("table", PARTITIONED)
@pytest.mark.parametrize("ahead", range(-1, 4))
def test_partitions_stand_from_last_month_to_three_ahead(acme: Connection, table: str, ahead: int) -> None:
    [(month,)] = rows(acme, f"SELECT ({MONTH} + make_interval(months => %s))::date", ahead)

    add(acme, table, {"month": f"'{month}'"})

    assert home(acme, table) == f"{table}_{month:%Y_%m}"


@pytest.mark.parametrize("table", PARTITIONED)
@pytest.mark.parametrize("month", [date(2020, 1, 1), date(2099, 1, 1)])
def test_another_month_is_kept_in_the_default_partition(acme: Connection, table: str, month: date) -> None:
    add(acme, table, {"month": f"'{month}'"})

    assert home(acme, table) == f"{table}_default"


def test_what_stands_already_is_not_made_again(acme: Connection) -> None:
    assert keep(acme, now=clock(acme)) == []


def test_a_month_later_one_partition_of_each_is_made(acme: Connection) -> None:
    keep(acme, now=datetime(2031, 11, 30, 23, 59, tzinfo=UTC))

    made = keep(acme, now=datetime(2031, 12, 1, tzinfo=UTC))

    assert made == [f"{table}_2032_03" for table in PARTITIONED]


def test_of_four_schedulers_at_once_one_makes_them(pool: Pool) -> None:
    def work(_: int) -> int:
        with transaction(pool) as connection:
            return len(keep(connection, now=datetime(2040, 1, 1, tzinfo=UTC)))

    with ThreadPoolExecutor(4) as schedulers:
        made = list(schedulers.map(work, range(4)))

    assert sorted(made) == [0, 0, 0, 20]


@pytest.mark.parametrize("table", PARTITIONED)
def test_what_the_default_partition_caught_moves_into_its_month(acme: Connection, table: str) -> None:
    month = date(2031, 12, 1)
    add(acme, table, {"month": f"'{month}'"})
    assert home(acme, table) == f"{table}_default"

    keep(acme, now=datetime(2031, 12, 5, tzinfo=UTC))

    assert home(acme, table) == f"{table}_2031_12"

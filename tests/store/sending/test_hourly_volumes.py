from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count as numbers
from threading import Barrier

import pytest

from tests.core.sending.test_frequency_cap import a_row
from tests.store.right_rows import rows
from tests.support.crm import add_account, row
from tests.support.waiting import PATIENCE_S
from worker.store.db.postgres import Connection, Pool, transaction
from worker.store.retention import VOLUMES, purge
from worker.store.sending.hourly_volumes import Hour, reset_hour
from worker.store.sending.write_claim import Leaving, write

NOW = datetime(2026, 11, 23, 10, 59, 59, 999_999, tzinfo=UTC)
HERE = NOW.replace(minute=0, second=0, microsecond=0)
HOUR, TICK, FORTNIGHT = timedelta(hours=1), timedelta(microseconds=1), timedelta(days=14)
ALL = "SELECT trigger, hour, sent FROM hourly_volumes ORDER BY trigger, hour"


def count(connection: Connection, account: str, sent: Mapping[str, int], *, now: datetime) -> Mapping[str, Hour]:
    number = numbers(1)
    going = [replace(a_row(next(number)), trigger=trigger) for trigger, times in sent.items() for _ in range(times)]
    return write(connection, [], [Leaving(account, going=going)], now=now)[1].get(account, {})


def sent(connection: Connection, number: int, *, at: datetime, trigger: str = "a", account: str = "acme") -> Hour:
    return count(connection, account, {trigger: number}, now=at)[trigger]


def test_an_hour_adds_up_and_the_next_begins_anew(acme: Connection) -> None:
    assert sent(acme, 2, at=HERE) == Hour(2, 0)
    assert sent(acme, 3, at=NOW) == Hour(5, 0)
    assert sent(acme, 1, at=NOW + TICK) == Hour(1, 5)


def test_each_trigger_has_its_own_habit(acme: Connection) -> None:
    count(acme, "acme", {"a": 7, "b": 2}, now=NOW - HOUR)
    count(acme, "acme", {"a": 4}, now=NOW - 2 * HOUR)

    assert count(acme, "acme", {"b": 1, "a": 3, "c": 9}, now=NOW) == {"a": Hour(3, 7), "b": Hour(1, 2), "c": Hour(9, 0)}


def test_accounts_count_for_themselves(acme: Connection) -> None:
    rows(acme, "INSERT INTO accounts (id, name, token, sms_sender, created_at) VALUES ('b', 'x', 'x', 'x', now())")
    sent(acme, 50, at=NOW - HOUR, account="b")
    sent(acme, 5, at=NOW, account="b")

    assert sent(acme, 1, at=NOW) == Hour(1, 0)


def test_the_busiest_hour_is_sought_in_a_fortnight_and_no_further(acme: Connection) -> None:
    sent(acme, 90, at=HERE - FORTNIGHT - TICK)
    sent(acme, 40, at=HERE - FORTNIGHT)
    sent(acme, 30, at=NOW - HOUR)

    assert sent(acme, 1, at=NOW) == Hour(1, 40)


def test_hours_that_come_later_are_no_habit(acme: Connection) -> None:
    sent(acme, 90, at=NOW + TICK)

    assert sent(acme, 1, at=NOW) == Hour(1, 0)


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Europe/Kyiv", "UTC"])
def test_hours_are_those_of_utc_whatever_the_session_thinks(acme: Connection, zone: str) -> None:
    rows(acme, "SELECT set_config('TimeZone', %s, TRUE)", zone)

    sent(acme, 1, at=NOW)
    sent(acme, 5, at=datetime(2026, 10, 20, 10, tzinfo=UTC))

    assert rows(acme, ALL) == [("a", datetime(2026, 10, 20, 10, tzinfo=UTC), 5), ("a", HERE, 1)]
    # A fortnight over the night in which Kyiv's clocks go back.
    assert sent(acme, 1, at=datetime(2026, 11, 3, 10, tzinfo=UTC)) == Hour(1, 5)
    assert sent(acme, 1, at=datetime(2026, 11, 3, 11, tzinfo=UTC)) == Hour(1, 1)


def test_a_resumed_trigger_counts_anew_only_in_its_hour(acme: Connection) -> None:
    count(acme, "acme", {"a": 7, "b": 2}, now=NOW - HOUR)
    count(acme, "acme", {"a": 9, "b": 3}, now=NOW)

    reset_hour(acme, "acme", "a", now=NOW)

    assert count(acme, "acme", {"a": 1, "b": 1}, now=NOW) == {"a": Hour(1, 7), "b": Hour(4, 2)}


def test_letting_go_on_what_has_sent_nothing_in_this_hour_is_fine(acme: Connection) -> None:
    reset_hour(acme, "acme", "a", now=NOW)

    assert rows(acme, ALL) == []


def test_hours_that_no_habit_is_made_of_are_forgotten_and_no_others(acme: Connection) -> None:
    for at in (HERE - FORTNIGHT - TICK, HERE - FORTNIGHT, NOW):
        count(acme, "acme", {"a": 1, "b": 1}, now=at)

    assert purge(acme, VOLUMES, {"now": NOW}) == 2
    assert rows(acme, "SELECT min(hour), count(*) FROM hourly_volumes") == [(HERE - FORTNIGHT, 4)]


def test_volumes_of_nothing_are_no_query(acme: Connection) -> None:
    with acme.transaction(force_rollback=True):
        rows(acme, "DROP TABLE hourly_volumes")

        assert count(acme, "acme", {}, now=NOW) == {}


def test_replicas_that_count_at_once_lose_nothing(pool: Pool) -> None:
    add_account(pool)
    triggers = [f"trigger_{number}" for number in range(50)]
    together = Barrier(4)

    def count_many(names: Iterable[str]) -> None:
        mine = dict.fromkeys(names, 2)
        for _ in range(10):
            together.wait(PATIENCE_S)
            with transaction(pool) as connection:
                count(connection, "acme", mine, now=NOW)

    with ThreadPoolExecutor() as threads:
        running = [threads.submit(count_many, triggers[::step]) for step in (1, -1, 1, -1)]
        for future in running:
            future.result(PATIENCE_S)

    assert row(pool, "SELECT min(sent), max(sent), count(*) FROM hourly_volumes") == (80, 80, 50)

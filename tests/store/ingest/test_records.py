from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TypeVar
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.crm import row, rows
from tests.support.tries import tries
from worker.core.contract.data import Record
from worker.core.triggers.match import RecordRef
from worker.store.db.postgres import Pool, transaction
from worker.store.ingest.records import RecordState
from worker.store.ingest.write_batch import Arriving, write

T = TypeVar("T")
START = datetime(2026, 11, 23, 10, tzinfo=UTC)
SHARED = settings(max_examples=tries(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
FACTS = "SELECT facts ->> 'status', deleted FROM records WHERE id = %s"


def state(name: str, *, id_: str, version: int | None = None, minute: int = 0, deleted: bool = False) -> RecordState:
    ref = RecordRef("invoice", id_, version, START + timedelta(minutes=minute))
    return RecordState("acme", ref, Record({"status": name, "lines": ["many"]}), deleted)


def keep(pool: Pool, *batches: Sequence[RecordState]) -> None:
    for batch in batches:
        with transaction(pool) as connection:
            write(connection, Arriving(batch), month=START.date().replace(day=1), now=START)


def cut(states: list[T], ends: set[int]) -> list[list[T]]:
    """The same states in batches that end after these positions."""
    bounds = sorted({0, len(states), *(end for end in ends if end < len(states))})
    return [states[first:last] for first, last in pairwise(bounds)]


@SHARED
@given(st.permutations(range(6)), st.sets(st.integers(1, 5)), st.sampled_from(["version", "time"]))
def test_the_newest_wins_in_whatever_order_and_batches_states_come(
    pool: Pool, order: list[int], ends: set[int], ordered_by: str
) -> None:
    id_ = uuid4().hex
    by_version = [state(str(number), id_=id_, version=number, minute=-number) for number in order]
    by_time = [state(str(number), id_=id_, minute=number) for number in order]

    keep(pool, *cut(by_version if ordered_by == "version" else by_time, ends))

    assert row(pool, FACTS, id_) == ("5", False)


@SHARED
@given(st.permutations(range(4)), st.sets(st.integers(1, 3)))
def test_late_news_never_revive_what_was_deleted(pool: Pool, order: list[int], ends: set[int]) -> None:
    id_ = uuid4().hex
    states = [state(str(number), id_=id_, version=number, deleted=number == 3) for number in order]

    keep(pool, *cut(states, ends))

    assert row(pool, FACTS, id_) == ("3", True)


@pytest.mark.parametrize(("version", "minute"), [(4, 9), (3, 9), (None, 0), (None, -1)])
def test_an_event_that_is_not_newer_changes_no_record(pool: Pool, version: int | None, minute: int) -> None:
    keep(pool, [state("first", id_="1", version=4)], [state("second", id_="1", version=version, minute=minute)])

    assert row(pool, FACTS, "1") == ("first", False)


@pytest.mark.parametrize(("version", "minute"), [(5, -9), (None, 1)])
def test_a_newer_version_wins_and_without_versions_a_later_time(pool: Pool, version: int | None, minute: int) -> None:
    keep(pool, [state("first", id_="1", version=4)], [state("second", id_="1", version=version, minute=minute)])

    assert row(pool, FACTS, "1") == ("second", False)


def test_records_of_one_batch_stay_apart(pool: Pool) -> None:
    keep(pool, [state("one", id_="1"), state("two", id_="2")])

    assert rows(pool, "SELECT id, facts FROM records ORDER BY id") == [
        ("1", {"status": "one"}),
        ("2", {"status": "two"}),
    ]


def test_no_records_are_no_query(pool: Pool) -> None:
    keep(pool, [])

    assert rows(pool, "SELECT id FROM records") == []

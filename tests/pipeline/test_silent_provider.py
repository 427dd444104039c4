import time
from collections.abc import Callable, Generator, Iterable

import pytest

from tests.faults.harness.nursery import Nursery
from tests.pipeline.conftest import System, states, wait_for_accepted
from tests.support.crm import Json, event, person, row
from tests.support.simulated_provider import Provider
from tests.support.waiting import PATIENCE_S, wait_until
from worker.store.db.postgres import Pool

Publish = Callable[[Iterable[Json]], None]

#: No POST of a test ends by its deadline: that is longer than anything is waited for.
WAITS = f"POST_DEADLINE={2 * PATIENCE_S},LEASE={3 * PATIENCE_S}"


@pytest.fixture(scope="module")
def nursery() -> Generator[Nursery]:
    nursery = Nursery("tests.faults.harness.build", "nursery", FAULTS_WAITS=WAITS)
    yield nursery
    nursery.close()


def test_a_silent_provider_keeps_no_event_from_being_accepted(
    system: System, publish: Publish, pool: Pool, provider: Provider
) -> None:
    provider.fault("no_answer", times=None)
    system.start("worker")
    publish(event("invoice.overdue", recipients=[person(phone=f"067{number:07d}")]) for number in range(200))
    publish(event("order.created", recipients=[person("order", f"067{number:07d}")]) for number in range(200))
    wait_until(lambda: provider.state()["posts"] >= 5, "the provider is asked and says nothing")
    time.sleep(1)

    publish([event("order.created"), event("invoice.overdue")])

    wait_until(lambda: row(pool, "SELECT count(*) FROM events") == (402,), "all are accepted")


def test_a_worker_records_what_it_posted_before_it_ends(
    system: System, publish: Publish, provider: Provider, pool: Pool
) -> None:
    system.start("worker")
    publish([event("order.created")])
    wait_for_accepted(pool, 1)
    provider.fault("slow", seconds=2.0)
    publish([event("order.created")])
    wait_until(lambda: provider.state()["posts"] == 2, "it is POSTed")

    assert system.stop() == [0]
    assert states(pool) == {"accepted": 2}
    assert row(pool, "SELECT count(*) FROM transitions WHERE from_state IS NULL AND to_state = 'sending'") == (1,)


@pytest.mark.long
def test_a_worker_ends_within_its_grace_though_the_provider_is_silent(
    system: System, publish: Publish, provider: Provider
) -> None:
    provider.fault("no_answer", times=None)
    system.start("worker")
    publish(event("invoice.overdue", recipients=[person(phone=f"067{number:07d}")]) for number in range(100))
    wait_until(lambda: provider.state()["posts"] >= 5, "the provider is asked and says nothing")

    assert system.stop() == [0]

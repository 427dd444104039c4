from collections.abc import Iterator

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.crm import event
from worker.core.contract.batch_limits import BYTES_MAX, DELIVERIES_MAX, PEOPLE_MAX, next_batch
from worker.core.contract.event_types import TYPES
from worker.core.contract.inbound_message import SUSPECT_FROM, Delivery

KB = 1024
SIZES = st.sampled_from([0, 1, KB, BYTES_MAX // 3, BYTES_MAX, BYTES_MAX + 1])
BODIES = {size: bytes(size) for size in (0, 1, KB, 256 * KB, BYTES_MAX // 3, BYTES_MAX, BYTES_MAX + 1)}
ARRIVED = st.lists(st.tuples(SIZES, st.sampled_from([0, 0, 0, 1, 2, 9])), max_size=30)


def delivery(size: int = 1, returns: int = 0) -> Delivery:
    return Delivery(BODIES[size], "acme.x", "crm.events", returns)


def batches(arrived: list[Delivery]) -> Iterator[list[Delivery]]:
    while arrived:
        count = next_batch(arrived)
        assert count
        yield arrived[:count]
        arrived = arrived[count:]


@pytest.mark.parametrize("arrived", [0, 1, 7, DELIVERIES_MAX])
def test_arrived_deliveries_make_one_batch(arrived: int) -> None:
    assert next_batch([delivery()] * arrived) == arrived


def test_two_hundred_deliveries_at_most_go_together() -> None:
    assert next_batch([delivery()] * (DELIVERIES_MAX + 1)) == DELIVERIES_MAX


def test_two_megabytes_at_most_go_together() -> None:
    assert next_batch([delivery(256 * KB)] * 9) == 8


@pytest.mark.parametrize(
    "person",
    [b'{"phonenumber": "0671234567"}', b'{"kind": "contact", "id": "1"}', b'{"phone\\u006eumber": "0671234567"}'],
    ids=["with a phone", "without one", "escaped"],
)
def test_a_batch_has_at_most_the_people_of_a_transaction(person: bytes) -> None:
    inbound = Delivery(person * 500, "acme.x", "crm.events")

    assert next_batch([inbound] * 9) == PEOPLE_MAX // 500


def test_events_of_one_person_each_fill_a_batch() -> None:
    bodies = (orjson.dumps(event(event_type)) for event_type in TYPES)
    arrived = [Delivery(body, "acme.x", "crm.events") for body in bodies] * 20

    assert next_batch(arrived) == DELIVERIES_MAX


def test_an_oversized_event_goes_alone() -> None:
    assert next_batch([delivery(BYTES_MAX + 1), delivery()]) == 1
    assert next_batch([delivery(), delivery(BYTES_MAX + 1), delivery()]) == 1


def test_a_suspect_ends_the_batch_before_it_and_goes_alone() -> None:
    arrived = [delivery(), delivery(), delivery(returns=SUSPECT_FROM), delivery()]

    assert [len(batch) for batch in batches(arrived)] == [2, 1, 1]


def test_a_message_returned_once_is_no_suspect() -> None:
    assert next_batch([delivery(returns=1)] * 3) == 3


@given(ARRIVED)
def test_batches_cover_everything_in_order_within_both_caps(sizes: list[tuple[int, int]]) -> None:
    arrived = [delivery(size, returns) for size, returns in sizes]

    cut = list(batches(arrived))

    assert [item for batch in cut for item in batch] == arrived
    for batch in cut:
        assert len(batch) <= DELIVERIES_MAX
        assert len(batch) == 1 or sum(len(item.body) for item in batch) <= BYTES_MAX
        assert len(batch) == 1 or not any(item.is_suspect for item in batch)

from hashlib import sha256

import pytest

from tests.core.examples import NOW
from worker.core.contract.event import Malformed, read
from worker.core.contract.inbound_message import BODY_MAX, HEAD, Delivery, truncated


def delivery(body: bytes) -> Delivery:
    return Delivery(body, "acme.x", "crm.events", returns=3)


@pytest.mark.parametrize("size", [0, 1, HEAD + 1, BODY_MAX])
def test_a_body_small_enough_for_an_event_is_kept_whole(size: int) -> None:
    message = delivery(bytes(size))

    assert truncated(message) is message


@pytest.mark.parametrize("size", [BODY_MAX + 1, 10_000_000])
def test_a_larger_body_is_truncated_with_its_true_size_and_hash(size: int) -> None:
    whole = delivery(b"x" * size)

    kept = truncated(whole)

    assert (kept.body, kept.size, kept.hash) == (b"x" * HEAD, size, sha256(whole.body).digest())
    assert (whole.size, whole.hash) == (kept.size, kept.hash)
    assert (kept.routing_key, kept.queue, kept.returns) == (whole.routing_key, whole.queue, 3)


def test_a_head_that_looks_like_a_whole_event_is_refused_by_its_true_size() -> None:
    kept = truncated(delivery(b"{}" + b" " * BODY_MAX))

    refused = read(kept.body, routing_key=kept.routing_key, now=NOW, size=kept.size)

    assert isinstance(refused, Malformed)
    assert refused.reason == "too_large"
    assert str(BODY_MAX + 2) in refused.detail

"""How many of the deliveries that have arrived make the next batch."""

from __future__ import annotations

from collections.abc import Iterable

from worker.core.delivery import Delivery

DELIVERIES_MAX = 200
BYTES_MAX = 2 * 1024 * 1024


def next_batch(arrived: Iterable[Delivery]) -> int:
    """The length of the batch at the front: within both caps, a suspect or an oversized one always alone."""
    count = size = 0
    for delivery in arrived:
        size += len(delivery.body)
        if count and (delivery.is_suspect or size > BYTES_MAX):
            break
        count += 1
        if count == DELIVERIES_MAX or delivery.is_suspect:
            break
    return count

"""How many of the deliveries that have arrived make the next batch."""

from __future__ import annotations

from collections.abc import Iterable

from worker.core.delivery import Delivery

DELIVERIES_MAX = 200
BYTES_MAX = 2 * 1024 * 1024
#: People that one transaction may plan for: whoever comes behind them waits for no more.
PEOPLE_MAX = 2000


def next_batch(arrived: Iterable[Delivery]) -> int:
    """The length of the batch at the front: within all caps, a suspect or an oversized one always alone."""
    count = size = people = 0
    for delivery in arrived:
        size += len(delivery.body)
        # Every recipient has a phone field or is skipped cheaply: counting the word bounds the crowd unparsed.
        people += delivery.body.count(b'"phonenumber"')
        if count and (delivery.is_suspect or size > BYTES_MAX or people > PEOPLE_MAX):
            break
        count += 1
        if count == DELIVERIES_MAX or delivery.is_suspect:
            break
    return count

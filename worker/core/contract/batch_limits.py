"""How many of the deliveries that have arrived make the next batch."""

from collections.abc import Iterable

from worker.core.contract.inbound_message import Delivery

DELIVERIES_MAX = 200
BYTES_MAX = 2 * 1024 * 1024
#: People that one transaction may plan for: whoever comes behind them waits for no more.
PEOPLE_MAX = 2000
#: Objects of an event besides its people: the envelope, its sections and the money in them.
OTHER_OBJECTS = 12


def next_batch(arrived: Iterable[Delivery]) -> int:
    """The length of the batch at the front: within all caps, a suspect or an oversized one always alone."""
    count = size = people = 0
    for delivery in arrived:
        size += len(delivery.body)
        # Whoever is named, with a phone or without, is an object: names can be escaped, braces cannot.
        people += max(1, delivery.body.count(b"{") - OTHER_OBJECTS)
        if count and (delivery.is_suspect or size > BYTES_MAX or people > PEOPLE_MAX):
            break
        count += 1
        if count == DELIVERIES_MAX or delivery.is_suspect:
            break
    return count

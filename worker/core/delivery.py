"""One message of an event queue, as RabbitMQ handed it over."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

#: From this many returns on, a delivery runs alone and is counted: it may be what kills workers.
SUSPECT_FROM = 2
#: So many counted runs make it a dead letter.
POISON_AT = 5


@dataclass(frozen=True, slots=True)
class Delivery:
    """Bytes and what the broker says of them; `returns` is how often they came back unsettled."""

    body: bytes
    routing_key: str
    queue: str
    returns: int = 0
    death: str | None = None

    @property
    def is_suspect(self) -> bool:
        """Whether it must run alone."""
        return self.returns >= SUSPECT_FROM

    @property
    def hash(self) -> bytes:
        """SHA-256 of the body."""
        return hashlib.sha256(self.body).digest()

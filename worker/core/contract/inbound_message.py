"""One message of an event queue, as RabbitMQ handed it over."""

import hashlib
import re
from dataclasses import dataclass, replace

#: Bytes of an event; a larger body is refused, and only its head is kept.
BODY_MAX = 256 * 1024
HEAD = 4096
#: From this many returns on, a delivery runs alone and is counted: it may be what kills workers.
SUSPECT_FROM = 2
#: So many counted runs make it a dead letter.
POISON_AT = 5
ACCOUNT = re.compile(r"[a-z0-9-]{1,40}")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as the broker gave it; `death` is why and in which queue RabbitMQ gave it up.

    `whole` is size and SHA-256 of a body of which only the head is kept; `traceparent` is the trace of its last hop.
    """

    body: bytes
    routing_key: str
    queue: str
    returns: int = 0
    death: str | None = None
    whole: tuple[int, bytes] | None = None
    traceparent: str | None = None

    @property
    def is_suspect(self) -> bool:
        return self.returns >= SUSPECT_FROM

    @property
    def account(self) -> str | None:
        """Whose it is by the routing key, which RabbitMQ lets nobody else write; None where it came without one."""
        first, dot, _ = self.routing_key.partition(".")
        return first if dot and self.routing_key != self.queue and ACCOUNT.fullmatch(first) else None

    @property
    def size(self) -> int:
        return self.whole[0] if self.whole else len(self.body)

    @property
    def hash(self) -> bytes:
        return self.whole[1] if self.whole else hashlib.sha256(self.body).digest()


def truncated(delivery: Delivery) -> Delivery:
    """The same delivery; of a body that nobody will read only the head, so that no queue can fill the memory."""
    if len(delivery.body) <= BODY_MAX:
        return delivery
    return replace(delivery, body=delivery.body[:HEAD], whole=(delivery.size, delivery.hash))

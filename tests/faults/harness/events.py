"""What the harness publishes, and what must come of each: the CRM's side of the bargain.

Every event bears a mark of its own that its default text repeats, so that the provider's log is joined to it exactly.
"""

import hashlib
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import orjson
import pika

from tests.support.crm import Json
from worker.amqp.topology import EVENTS_EXCHANGE

#: A mark: four characters of the run, a counter.
MARK = re.compile(r"Q[A-Z]{4}\d{6}")
CONSONANTS = "BCDFGHKLMNPRSTVWXZ"
NETWORKS = ("067", "050", "068", "095", "099", "063", "073")

#: The provider has it once, and the row knows.
POSTED_STATES = frozenset({"accepted", "sent", "delivered", "read", "undelivered"})


@dataclass(frozen=True, slots=True)
class Fate:
    """What must come of an event: the states in which its notifications may end, or the dead letter that it becomes.

    Attributes:
        states: for each phone; the provider has a message of those in POSTED_STATES, and none of the others.
        dead: reasons any of which makes the event a dead letter; then there are no notifications.
    """

    states: frozenset[str] = POSTED_STATES
    dead: frozenset[str] = frozenset()


SENT = Fate()


def dead(*reasons: str) -> Fate:
    """It becomes a dead letter for any of these reasons."""
    return Fate(frozenset(), frozenset(reasons))


@dataclass(frozen=True, slots=True)
class Publication:
    """One message for an exchange, and what must come of it.

    Attributes:
        mark: is in the text of each notification.
        id: the event's id; empty where the body has none that can be read.
        phones: as the provider writes them, `380671234567`.
    """

    mark: str
    id: str
    account: str
    routing_key: str
    body: bytes
    phones: tuple[str, ...]
    fate: Fate = SENT
    exchange: str = EVENTS_EXCHANGE
    properties: pika.BasicProperties | None = None
    hash: bytes = field(default=b"")

    def __post_init__(self) -> None:
        object.__setattr__(self, "hash", hashlib.sha256(self.body).digest())


class Events:
    """Makes believable events of several types for several accounts, from one random source."""

    def __init__(self, random: Random, accounts: Sequence[str]) -> None:
        self.random = random
        self.accounts = accounts
        self.run = "".join(random.choices(CONSONANTS, k=4))
        self._count = 0

    def stream(self, count: int | None = None, *, fate: Fate = SENT, **chosen: str | int) -> Iterator[Publication]:
        """So many events, or without end; `chosen` is what `single` takes."""
        while count is None or count > 0:
            yield self.single(fate=fate, **chosen)  # type: ignore[arg-type] # its own names
            count = None if count is None else count - 1

    def single(
        self,
        event_type: str | None = None,
        *,
        account: str | None = None,
        people: int | None = None,
        fate: Fate = SENT,
    ) -> Publication:
        """One event; what is not given is drawn."""
        mark = self.mark()
        event_type = event_type or self.random.choice(EVENT_TYPES)
        account = account or self.random.choice(self.accounts)
        phones = self.phones(people or self.random.choice((1, 1, 1, 1, 2, 3)))
        body = self.body(event_type, account, mark=mark, phones=phones)
        return published(body, mark=mark, phones=phones, fate=fate)

    def mark(self) -> str:
        """A mark that is in no other event of any run with another seed."""
        self._count += 1
        return f"Q{self.run}{self._count:06d}"

    def phones(self, count: int) -> tuple[str, ...]:
        """Different phones, as a CRM writes them."""
        results: set[str] = set()
        while len(results) < count:
            results.add(f"{self.random.choice(NETWORKS)}{self.random.randrange(10**7):07d}")
        return tuple(sorted(results))

    def body(self, event_type: str, account: str, *, mark: str, phones: Sequence[str]) -> Json:
        """The CloudEvent, before it is bytes."""
        recipient_kind, data = DATA[event_type]
        people = [
            {
                "kind": recipient_kind,
                "id": str(index),
                "phonenumber": phone,
                "firstname": "Олена",
                "lastname": "Дем'янюк",
            }
            for index, phone in enumerate(phones)
        ]
        return {
            "specversion": "1.0",
            "id": str(uuid.UUID(int=self.random.getrandbits(128), version=4)),
            "source": f"/accounts/{account}",
            "type": event_type,
            "time": now().isoformat(),
            "data": {"recipients": people, **data(mark)},
        }


def published(body: Json, *, mark: str, phones: Sequence[str], fate: Fate = SENT) -> Publication:
    """A body as the CRM publishes it."""
    account = body["source"].removeprefix("/accounts/")
    return Publication(
        mark=mark,
        id=body["id"],
        account=account,
        routing_key=f"{account}.{body['type']}",
        body=orjson.dumps(body),
        phones=tuple(f"38{phone}" for phone in phones),
        fate=fate,
    )


def now() -> datetime:
    """The CRM's clock."""
    return datetime.now(UTC)  # noqa: TID251 (a CRM has a clock of its own)


def invoice(mark: str) -> Json:
    due = {"amount": "1250.00", "currency": "UAH"}
    return {"invoice": {"id": mark, "number": mark, "status": "unpaid", "version": 4, "amount_due": due}}


def payment(mark: str) -> Json:
    return {**invoice(mark), "payment": {"id": mark, "total": {"amount": "1250.00", "currency": "UAH"}}}


def comment(mark: str) -> Json:
    return {"proposal": {"id": mark, "number": mark}, "comment": {"id": mark, "author": "staff"}}


def order(mark: str) -> Json:
    return {"order": {"id": mark, "number": mark, "version": 1}}


def booking(mark: str) -> Json:
    start = now() + timedelta(days=2)
    return {"booking": {"id": mark, "start": start.isoformat(), "branch": mark}}


#: By type: the kind of its recipients, and its part of the data.
DATA: dict[str, tuple[str, Callable[[str], Json]]] = {
    "invoice.payment_recorded": ("contact", payment),
    "invoice.overdue": ("contact", invoice),
    "proposal.comment_added": ("contact", comment),
    "order.created": ("order", order),
    "order.approved": ("order", order),
    "booking.confirmed": ("booking", booking),
}
EVENT_TYPES = tuple(DATA)

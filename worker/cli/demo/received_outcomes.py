"""What the demo's CRMs hear: each outcome once, from a queue of their own, as CRMs bind theirs."""

from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import orjson
from pika import BlockingConnection
from pika.adapters.blocking_connection import BlockingChannel
from pika.spec import Basic, BasicProperties
from rich.console import Console
from rich.table import Table

from worker.amqp.connection import parameters
from worker.amqp.topology import OUTCOMES_EXCHANGE
from worker.core.outcomes.outcome_types import OF_STATES, TYPES
from worker.core.outcomes.reason import Reason
from worker.language import _, of_pair
from worker.store.monitoring.event_outcomes import Outcome


@dataclass(frozen=True, slots=True)
class ReceivedOutcome:
    """An outcome as it came; `version` is of a text's."""

    account: str
    type: str
    subject: str
    version: int | None
    reason: Reason | None


class Subscriber:
    """A consumer who acknowledges what it has kept, and knows what it has heard before by its id."""

    def __init__(self, connection: BlockingConnection, accounts: Iterable[str]) -> None:
        self._connection = connection
        self._received: dict[str, ReceivedOutcome] = {}
        channel = connection.channel()
        channel.exchange_declare(OUTCOMES_EXCHANGE, "topic", durable=True)
        queue = str(channel.queue_declare("", exclusive=True).method.queue)
        for account in accounts:
            channel.queue_bind(queue, OUTCOMES_EXCHANGE, f"{account}.#")
        channel.basic_consume(queue, self._hear)

    def listen(self) -> Sequence[ReceivedOutcome]:
        """Take what has come, and return everything in the order in which it came."""
        self._connection.process_data_events(0)
        return list(self._received.values())

    def _hear(
        self, channel: BlockingChannel, delivery: Basic.Deliver, _properties: BasicProperties, body: bytes
    ) -> None:
        event = orjson.loads(body)
        data, account = event["data"], event["source"].rpartition("/")[2]
        reason = Reason(**data["reason"]) if data.get("reason") else None
        received = ReceivedOutcome(account, event["type"], event["subject"], data.get("version"), reason)
        self._received.setdefault(event["id"], received)
        channel.basic_ack(delivery.delivery_tag or 0)


@contextmanager
def subscribed(url: str, accounts: Iterable[str]) -> Generator[Subscriber]:
    connection = BlockingConnection(parameters(url, name="perfectum-sms demo, as a CRM"))
    try:
        yield Subscriber(connection, accounts)
    finally:
        connection.close()


def missing_outcomes(rows: Iterable[Outcome], received: Sequence[ReceivedOutcome]) -> list[str]:
    """What the CRMs have not heard of these texts, and what came out of order."""
    ends = Counter((row.account, OF_STATES[row.state]) for row in rows if row.state and row.state in OF_STATES)
    missing = ends - Counter((each.account, each.type) for each in received)
    return [
        *(_("{account} has not heard: {type}", account=account, type=type_) for account, type_ in missing),
        *(_("heard out of order: {text}", text=text) for text in out_of_order(received)),
    ]


def out_of_order(received: Iterable[ReceivedOutcome]) -> Iterable[str]:
    newest: dict[tuple[str, str], int] = {}
    for each in received:
        if each.version is not None:
            text = (each.account, each.subject)
            if each.version < newest.get(text, 0):
                yield each.subject
            newest[text] = each.version


def show_received(console: Console, received: Sequence[ReceivedOutcome]) -> None:
    title = _("What the CRMs heard of it, from the exchange {exchange}", exchange=OUTCOMES_EXCHANGE)
    table = Table(title=title, title_justify="left")
    for name in (_("outcome"), _("heard"), _("the newest of them")):
        table.add_column(name, overflow="fold")
    newest: Mapping[str, ReceivedOutcome] = {each.type: each for each in received}
    counts = Counter(each.type for each in received)
    for name in (name for name in TYPES if name in newest):
        each = newest[name]
        table.add_row(name, str(counts[name]), f"{each.account}, {each.subject}: {sentence(each)}")
    console.print(table)


def sentence(received: ReceivedOutcome) -> str:
    return of_pair(received.reason or TYPES[received.type].meaning)

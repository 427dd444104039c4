"""Every exchange and queue, declared the same by whoever comes first.

`crm.events` is the CRM's exchange. Ours behind it splits what is urgent from the rest, one copy per event; its
alternate exchange leaves nothing unrouted. Every queue is a quorum queue whose delivery limit nobody reaches:
RabbitMQ's own limit would condemn innocent neighbours of a message that kills a worker, so poison is counted by us.
"""

from collections.abc import Mapping
from typing import Any

from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import ChannelClosedByBroker

from worker.core.lanes import LANES

EVENTS_EXCHANGE = "crm.events"
INNER_EXCHANGE = "sms.events"
REST_EXCHANGE = "sms.events.rest"
#: Where a CRM binds queues of its own.
OUTCOMES_EXCHANGE = "sms.outcomes"

URGENT_EVENTS = "crm.events.urgent"
OTHER_EVENTS = "crm.events"
EVENT_QUEUES = (URGENT_EVENTS, OTHER_EVENTS)
URGENT_RECORD_KINDS = ("booking", "order")
URGENT_PATTERNS = tuple(f"*.{record_kind}.#" for record_kind in URGENT_RECORD_KINDS)


def send_queue(lane: str) -> str:
    return f"sms.{lane}"


SEND_QUEUES = tuple(map(send_queue, LANES))
DEAD_QUEUE = "sms.dead"
#: In the order in which they are declared: until its own queue is declared, what is urgent goes with the rest.
QUEUES = (DEAD_QUEUE, OTHER_EVENTS, URGENT_EVENTS, *SEND_QUEUES)

#: RabbitMQ's errors about one queue: its node is down, or it was declared otherwise.
NOT_FOUND, OTHERWISE = 404, 406
OF_THE_QUEUE = frozenset({NOT_FOUND, OTHERWISE})

NO_LIMIT = 1_000_000
DEAD_LETTERS: Mapping[str, str] = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": DEAD_QUEUE}
QUORUM = {"x-queue-type": "quorum", "x-delivery-limit": NO_LIMIT}
#: At-least-once dead-lettering needs reject-publish; https://www.rabbitmq.com/docs/quorum-queues
SAFE_DEAD_LETTERS = {**DEAD_LETTERS, "x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish"}


def declare_each(connection: BlockingConnection) -> dict[str, str]:
    """Declare everything, each queue by itself; return RabbitMQ's reasons by refused queue.

    Raises:
        pika.exceptions.ChannelClosedByBroker: our user may not.
    """
    refused: dict[str, str] = {}
    for queue in QUEUES:
        try:
            # pika declares too few of its types for a checker to follow.
            channel: Any = connection.channel()
            declare_queue(channel, queue)
            channel.close()
        except ChannelClosedByBroker as error:
            if error.reply_code not in OF_THE_QUEUE:
                raise
            refused[queue] = error.reply_text
    return refused


def declare_queue(channel: BlockingChannel, queue: str) -> None:
    """Declare one queue and its bindings; leave a queue that is not ours as it is."""
    if queue not in QUEUES:
        return
    if queue in EVENT_QUEUES:
        declare_exchanges(channel)
    fields = {} if queue == DEAD_QUEUE else SAFE_DEAD_LETTERS
    channel.queue_declare(queue, durable=True, arguments={**QUORUM, **fields})
    if queue == OTHER_EVENTS:
        channel.queue_bind(queue, REST_EXCHANGE)
    if queue == URGENT_EVENTS:
        for pattern in URGENT_PATTERNS:
            channel.queue_bind(queue, INNER_EXCHANGE, pattern)
    if queue in EVENT_QUEUES:
        # Last, so that nothing flows in before it has somewhere to go.
        channel.exchange_bind(INNER_EXCHANGE, EVENTS_EXCHANGE, "#")


def declare_exchanges(channel: BlockingChannel) -> None:
    channel.exchange_declare(EVENTS_EXCHANGE, "topic", durable=True)
    channel.exchange_declare(REST_EXCHANGE, "fanout", durable=True)
    channel.exchange_declare(
        INNER_EXCHANGE, "topic", durable=True, internal=True, arguments={"alternate-exchange": REST_EXCHANGE}
    )


def declare_outcomes(connection: BlockingConnection) -> ChannelClosedByBroker | None:
    """Declare where CRMs hear; return RabbitMQ's refusal, which keeps no event from coming in."""
    channel: Any = connection.channel()
    try:
        channel.exchange_declare(OUTCOMES_EXCHANGE, "topic", durable=True)
    except ChannelClosedByBroker as error:
        return error
    channel.close()
    return None

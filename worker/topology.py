"""Every exchange and queue, declared the same by whoever comes first.

`crm.events` is the CRM's exchange. Ours behind it splits what is urgent from the rest, one copy per event; its
alternate exchange leaves nothing unrouted. Every queue is a quorum queue whose delivery limit nobody reaches:
RabbitMQ's own limit would condemn innocent neighbours of a message that kills a worker, so poison is counted by us.
"""

from __future__ import annotations

from collections.abc import Mapping

from pika.adapters.blocking_connection import BlockingChannel

EVENTS_EXCHANGE = "crm.events"
INNER_EXCHANGE = "sms.events"
REST_EXCHANGE = "sms.events.rest"

URGENT_EVENTS = "crm.events.urgent"
OTHER_EVENTS = "crm.events"
EVENT_QUEUES = (URGENT_EVENTS, OTHER_EVENTS)
#: Events of these records are urgent.
URGENT_KINDS = ("booking", "order")
URGENT_PATTERNS = tuple(f"*.{kind}.#" for kind in URGENT_KINDS)

SEND_QUEUES = ("sms.urgent", "sms.normal", "sms.bulk")
DEAD_QUEUE = "sms.dead"
QUEUES = (*EVENT_QUEUES, *SEND_QUEUES, DEAD_QUEUE)

NO_LIMIT = 1_000_000
DEAD_LETTERS: Mapping[str, str] = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": DEAD_QUEUE}
QUORUM = {"x-queue-type": "quorum", "x-delivery-limit": NO_LIMIT}
#: At-least-once dead-lettering needs reject-publish; https://www.rabbitmq.com/docs/quorum-queues
SAFE_DEAD_LETTERS = {**DEAD_LETTERS, "x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish"}


def send_queue(lane: str) -> str:
    """The queue of a lane."""
    return f"sms.{lane}"


def delay_queue(queue: str) -> str:
    """Where Dramatiq keeps retries of a send queue for seconds."""
    return f"{queue}.DQ"


def declare(channel: BlockingChannel) -> None:
    """Declare everything; does nothing where it stands already.

    Raises:
        pika.exceptions.ChannelClosedByBroker: something stands there with other arguments (406).
    """
    channel.exchange_declare(EVENTS_EXCHANGE, "topic", durable=True)
    channel.exchange_declare(REST_EXCHANGE, "fanout", durable=True)
    channel.exchange_declare(
        INNER_EXCHANGE, "topic", durable=True, internal=True, arguments={"alternate-exchange": REST_EXCHANGE}
    )
    channel.queue_declare(DEAD_QUEUE, durable=True, arguments=QUORUM)
    for queue in (*EVENT_QUEUES, *SEND_QUEUES):
        channel.queue_declare(queue, durable=True, arguments={**QUORUM, **SAFE_DEAD_LETTERS})
    for queue in SEND_QUEUES:
        classic = {"x-queue-type": "classic", **DEAD_LETTERS}
        channel.queue_declare(delay_queue(queue), durable=True, arguments=classic)
    channel.queue_bind(OTHER_EVENTS, REST_EXCHANGE)
    for pattern in URGENT_PATTERNS:
        channel.queue_bind(URGENT_EVENTS, INNER_EXCHANGE, pattern)
    # Last, so that nothing flows in before it has somewhere to go.
    channel.exchange_bind(INNER_EXCHANGE, EVENTS_EXCHANGE, "#")

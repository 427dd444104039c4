"""How many messages lie ready in each of our queues, and how many consume it."""

from collections.abc import Mapping
from typing import NamedTuple

import pika
from pika.exceptions import ChannelClosedByBroker

from worker.amqp.connection import parameters
from worker.amqp.topology import QUEUES


class Load(NamedTuple):
    messages: int
    consumers: int


def queue_loads(url: str, *, name: str) -> Mapping[str, Load]:
    """The load of every queue that is there.

    Raises:
        CONNECTION_ERRORS: RabbitMQ does not answer.
    """
    with pika.BlockingConnection(parameters(url, name=name)) as connection:
        loads = ((queue, load_of(connection, queue)) for queue in QUEUES)
        return {queue: load for queue, load in loads if load}


def load_of(connection: pika.BlockingConnection, queue: str) -> Load | None:
    try:
        method = connection.channel().queue_declare(queue, passive=True).method
    except ChannelClosedByBroker:
        return None
    return Load(method.message_count, method.consumer_count)

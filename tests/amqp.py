"""A broker that tests may empty, and only such a one."""

from __future__ import annotations

from typing import Any

import pika
import pytest
from pika.exceptions import ChannelClosedByBroker

from worker import topology

EXCHANGES = (topology.EVENTS_EXCHANGE, topology.INNER_EXCHANGE, topology.REST_EXCHANGE)
QUEUES = (*topology.QUEUES, *map(topology.delay_queue, topology.SEND_QUEUES))


def refuse_a_broker_in_use(url: str) -> None:
    for queue in QUEUES:
        found = look(url, queue)
        if found and (found.message_count or found.consumer_count):
            pytest.exit(f"SMS_AMQP_URL: its queue {queue} is in use; tests empty it. Give an empty virtual host.", 1)


def look(url: str, queue: str) -> Any:
    connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        return connection.channel().queue_declare(queue, passive=True).method
    except ChannelClosedByBroker:
        return None
    finally:
        connection.close()


def depth(url: str, queue: str) -> int:
    found = look(url, queue)
    return found.message_count if found else 0


def delete_everything(url: str) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    for queue in QUEUES:
        channel.queue_delete(queue)
    for exchange in EXCHANGES:
        channel.exchange_delete(exchange)
    connection.close()

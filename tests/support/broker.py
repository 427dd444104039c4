"""A broker that tests may empty, and only such a one."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pika
import pytest
from pika.exceptions import AMQPConnectionError, ChannelClosedByBroker

from worker.amqp import topology

EXCHANGES = (
    topology.EVENTS_EXCHANGE,
    topology.INNER_EXCHANGE,
    topology.REST_EXCHANGE,
    topology.OUTCOMES_EXCHANGE,
)
QUEUES = topology.QUEUES


def at_virtual_host(url: str, name: str) -> str:
    """The URL of another virtual host of this broker; where it has none of that name, or not for us, the same URL."""
    other = urlsplit(url)._replace(path=f"/{name}").geturl()
    try:
        pika.BlockingConnection(pika.URLParameters(other)).close()
    except AMQPConnectionError:
        return url
    return other


@contextmanager
def turn_at(url: str) -> Generator[None]:
    """No other tests of this machine at this virtual host meanwhile: sessions beside each other may share it."""
    name = hashlib.sha256(f"{os.getuid()} {url}".encode()).hexdigest()[:16]
    with (Path(tempfile.gettempdir()) / f"perfectum-sms-tests-{name}").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def refuse_a_broker_in_use(url: str) -> None:
    for queue in QUEUES:
        declared = look(url, queue)
        if declared and (declared.message_count or declared.consumer_count):
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
    declared = look(url, queue)
    return declared.message_count if declared else 0


def delete_everything(url: str) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    for queue in QUEUES:
        channel.queue_delete(queue)
    for exchange in EXCHANGES:
        channel.exchange_delete(exchange)
    connection.close()

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from dramatiq.errors import ConnectionClosed
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import ChannelClosedByBroker

from tests.support.broker import depth, look
from tests.support.waiting import PATIENCE_S
from worker.amqp import topology
from worker.amqp.broker import announce_away, announce_back
from worker.amqp.confirms import Outgoing
from worker.amqp.connection import Presence, parameters
from worker.amqp.publisher import Publisher
from worker.amqp.subscription import Subscription
from worker.amqp.topology import DEAD_QUEUE, EVENTS_EXCHANGE, OUTCOMES_EXCHANGE, QUEUES, SEND_QUEUES, URGENT_EVENTS

BULK = SEND_QUEUES[2]


@pytest.fixture
def connection(channel: BlockingChannel) -> BlockingConnection:
    typed: Any = channel  # pika declares too few types
    return typed.connection


@contextmanager
def publishing(amqp_url: str) -> Generator[Publisher]:
    publisher = Publisher(amqp_url)
    try:
        yield publisher
    finally:
        publisher.close()


def subscribed(amqp_url: str, queue: str) -> Subscription:
    presence = Presence(announce_away, announce_back)
    subscription = Subscription(parameters(amqp_url, name="test"), queue, prefetch=1, presence=presence)
    subscription.subscribe()
    return subscription


def test_every_queue_is_kept_by_several_nodes(connection: BlockingConnection) -> None:
    assert topology.declare_each(connection) == {}

    for queue in QUEUES:
        arguments = {} if queue == DEAD_QUEUE else topology.SAFE_DEAD_LETTERS
        with pytest.raises(ChannelClosedByBroker, match="received 'classic' but current is 'quorum'"):
            connection.channel().queue_declare(queue, durable=True, arguments={"x-queue-type": "classic", **arguments})


def test_a_consumer_declares_its_own_queue_and_no_other(amqp_url: str) -> None:
    subscribed(amqp_url, BULK).close()

    assert [queue for queue in QUEUES if look(amqp_url, queue)] == [BULK]


@pytest.mark.parametrize("queue", topology.EVENT_QUEUES)
def test_a_consumer_of_events_declares_their_way_to_it(amqp_url: str, channel: BlockingChannel, queue: str) -> None:
    subscribed(amqp_url, queue).close()

    record_kind = "order" if queue == URGENT_EVENTS else "invoice"
    channel.confirm_delivery()
    channel.basic_publish(EVENTS_EXCHANGE, f"acme.{record_kind}.created", b"{}", mandatory=True)
    assert depth(amqp_url, queue) == 1


@pytest.mark.parametrize("queue", topology.EVENT_QUEUES)
def test_events_come_in_whoever_declared_the_outcomes_otherwise(
    amqp_url: str, channel: BlockingChannel, queue: str
) -> None:
    channel.exchange_declare(OUTCOMES_EXCHANGE, "fanout", durable=True)

    subscribed(amqp_url, queue).close()
    with publishing(amqp_url) as publisher:
        refusal = publisher.declare_outcomes().result(PATIENCE_S)
        event = Outgoing(EVENTS_EXCHANGE, "acme.order.created", b"{}")
        assert publisher.publish([event], patience_s=PATIENCE_S).result(PATIENCE_S) == 1

    assert refusal
    assert (refusal.reply_code, publisher.refused) == (topology.OTHERWISE, {})


@pytest.mark.parametrize("refused", QUEUES)
def test_a_queue_that_is_refused_keeps_no_other_from_being_used(
    amqp_url: str, channel: BlockingChannel, refused: str, capsys: pytest.CaptureFixture[str]
) -> None:
    channel.queue_declare(refused, durable=True)
    others = [queue for queue in SEND_QUEUES if queue != refused]

    with publishing(amqp_url) as publisher:
        assert publisher.publish([Outgoing("", queue, b"{}") for queue in others]).result(PATIENCE_S) == len(others)
        assert refused in publisher.refused
    for queue in others:
        subscribed(amqp_url, queue).close()
    with pytest.raises(ConnectionClosed):
        subscribed(amqp_url, refused)
    assert capsys.readouterr().err.count("queue.refused") <= 1

from collections.abc import Callable, Generator
from pathlib import Path

import pika
import pytest
from dramatiq.errors import ConnectionClosed
from pika.adapters.blocking_connection import BlockingChannel

from tests.support.broker import depth
from tests.support.waiting import PATIENCE_S, wait_until
from worker.amqp import topology
from worker.amqp.broker import announce_away, announce_back
from worker.amqp.connection import Presence, parameters
from worker.amqp.consumer import BatchConsumer, BatchMessage
from worker.amqp.publisher import Outgoing, Publisher
from worker.amqp.subscription import Subscription

QUEUE = "crm.events"

Make = Callable[..., BatchConsumer]


@pytest.fixture
def publish(amqp_url: str) -> Generator[Callable[[int], None]]:
    publisher = Publisher(amqp_url)

    def confirmed(count: int) -> None:
        messages = [Outgoing("crm.events", "acme.x", str(number).encode()) for number in range(count)]
        assert publisher.publish(messages, patience_s=PATIENCE_S).result(PATIENCE_S) == count

    yield confirmed
    publisher.close()


@pytest.fixture
def consumer(amqp_url: str) -> Generator[Make]:
    made: list[BatchConsumer] = []

    def make(obstacle: Callable[[], str | None] = lambda: None) -> BatchConsumer:
        presence = Presence(announce_away, announce_back)
        subscription = Subscription(parameters(amqp_url, name="test"), QUEUE, prefetch=400, presence=presence)
        made.append(BatchConsumer(subscription, actor="accept_events", timeout_s=0.1, obstacle=obstacle))
        return made[-1]

    yield make
    for item in made:
        item.close()


def next_batch(consumer: BatchConsumer) -> BatchMessage:
    came: list[BatchMessage] = []

    def comes() -> bool:
        message = next(consumer)
        came.extend([message] if isinstance(message, BatchMessage) else [])
        return bool(came)

    wait_until(comes, "a batch")
    return came[0]


def bodies(message: BatchMessage) -> list[int]:
    return [int(delivery.body) for delivery in message.batch.deliveries]


def settle(consumer: BatchConsumer, message: BatchMessage, *, committed: bool) -> None:
    message.batch.is_committed = committed
    consumer.ack(message)


def all_that_comes(consumer: BatchConsumer, count: int) -> list[list[int]]:
    batches: list[list[int]] = []
    while sum(map(len, batches)) < count:
        message = next_batch(consumer)
        batches.append(bodies(message))
        settle(consumer, message, committed=True)
    return batches


def test_arrived_messages_are_handed_over_in_order_and_in_batches(
    consumer: Make, publish: Callable[[int], None]
) -> None:
    publish(450)

    batches = all_that_comes(consumer(), 450)

    assert [number for batch in batches for number in batch] == list(range(450))
    assert max(map(len, batches)) <= 200
    assert len(batches) < 45


def test_a_committed_batch_is_acknowledged_and_nothing_beyond_it(
    consumer: Make, publish: Callable[[int], None], amqp_url: str
) -> None:
    publish(300)
    first = consumer()
    message = next_batch(first)
    taken = len(bodies(message))

    settle(first, message, committed=True)
    first.close()

    again = all_that_comes(consumer(), 300 - taken)
    assert sorted(number for batch in again for number in batch) == list(range(taken, 300))
    assert depth(amqp_url, QUEUE) == 0


def test_a_batch_that_was_not_committed_goes_back_whole(consumer: Make, publish: Callable[[int], None]) -> None:
    publish(20)
    consuming = consumer()
    message = next_batch(consuming)

    settle(consuming, message, committed=False)

    assert sorted(number for batch in all_that_comes(consuming, 20) for number in batch) == list(range(20))


def test_one_batch_is_in_flight_at_a_time(consumer: Make, publish: Callable[[int], None]) -> None:
    publish(10)
    consuming = consumer()
    next_batch(consuming)
    publish(10)

    assert [next(consuming) for _ in range(5)] == [None] * 5


def test_a_message_returned_twice_is_handed_over_alone(consumer: Make, publish: Callable[[int], None]) -> None:
    publish(3)
    consuming = consumer()
    for _ in range(2):
        message = next_batch(consuming)
        assert len(bodies(message)) == 3
        settle(consuming, message, committed=False)

    batches = all_that_comes(consuming, 3)

    assert [len(batch) for batch in batches] == [1, 1, 1]


def test_while_postgresql_is_away_no_message_is_taken(
    consumer: Make, publish: Callable[[int], None], amqp_url: str
) -> None:
    publish(5)
    obstacles = ["away"]
    consuming = consumer(lambda: obstacles[0] if obstacles else None)

    assert [next(consuming) for _ in range(5)] == [None] * 5
    assert depth(amqp_url, QUEUE) == 5
    obstacles.clear()

    assert all_that_comes(consuming, 5) == [[0, 1, 2, 3, 4]]


def test_a_batch_refused_by_postgresql_goes_back_with_all_prefetched(
    consumer: Make, publish: Callable[[int], None], amqp_url: str
) -> None:
    publish(300)
    obstacles: list[str] = []
    consuming = consumer(lambda: obstacles[0] if obstacles else None)
    message = next_batch(consuming)

    obstacles.append("away")
    message.batch.refused = "away"
    settle(consuming, message, committed=False)

    wait_until(lambda: depth(amqp_url, QUEUE) == 300 or next(consuming), "all are back")


def test_an_outage_met_by_a_batch_counts_though_the_probe_is_well(
    consumer: Make, publish: Callable[[int], None], amqp_url: str
) -> None:
    publish(1)
    consuming = consumer()
    for _ in range(3):
        message = next_batch(consuming)
        message.batch.refused = "DiskFull (53100)"
        settle(consuming, message, committed=False)
        wait_until(lambda: depth(amqp_url, QUEUE) == 1 or next(consuming), "it is back")
        assert consuming.state().outage == "waits for PostgreSQL (DiskFull (53100))"

    assert all_that_comes(consuming, 1) == [[0]]
    next(consuming)
    assert consuming.state().outage is None


def test_an_event_alone_waits_for_no_others(consumer: Make, publish: Callable[[int], None]) -> None:
    consuming = consumer()
    next(consuming)
    publish(1)

    assert bodies(next_batch(consuming)) == [0]


def test_a_deleted_queue_ends_the_consumer_so_that_it_starts_anew(
    consumer: Make, publish: Callable[[int], None], channel: BlockingChannel
) -> None:
    publish(1)
    consuming = consumer()
    all_that_comes(consuming, 1)

    channel.queue_delete(QUEUE)

    with pytest.raises(ConnectionClosed):
        next_batch(consuming)


def test_a_publisher_declares_what_was_deleted_and_goes_on(
    publish: Callable[[int], None], channel: BlockingChannel, amqp_url: str
) -> None:
    publish(1)
    for queue in topology.EVENT_QUEUES:
        channel.queue_delete(queue)

    publish(1)

    assert depth(amqp_url, QUEUE) == 1


def test_a_queue_with_other_arguments_leaves_no_connection_open(amqp_url: str, channel: BlockingChannel) -> None:
    channel.queue_declare(QUEUE, durable=True)
    before = len(list(Path("/proc/self/fd").iterdir()))

    with pytest.raises(ConnectionClosed):
        Subscription(
            parameters(amqp_url, name="test"), QUEUE, prefetch=1, presence=Presence(announce_away, announce_back)
        )

    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_an_event_ended_by_a_time_to_live_keeps_its_routing_key(amqp_url: str, channel: BlockingChannel) -> None:
    for queue in topology.QUEUES:
        topology.declare_queue(channel, queue)
    channel.basic_publish(
        topology.EVENTS_EXCHANGE, "acme.invoice.overdue", b"{}", pika.BasicProperties(expiration="0", delivery_mode=2)
    )
    presence = Presence(announce_away, announce_back)
    buried = Subscription(parameters(amqp_url, name="test"), topology.DEAD_QUEUE, prefetch=1, presence=presence)
    buried.subscribe()
    wait_until(lambda: buried.arrived or buried.pump(0.1), "it is moved to the dead letters")

    delivery = buried.arrived[0].delivery
    assert (delivery.routing_key, delivery.death) == ("acme.invoice.overdue", "expired in crm.events")
    buried.close()

import time

import pytest
from dramatiq.errors import ConnectionClosed
from pika.adapters.blocking_connection import BlockingChannel

from tests.support.waiting import PATIENCE_S, wait_until
from worker.amqp import subscription
from worker.amqp.broker import announce_away, announce_back
from worker.amqp.connection import Presence, parameters
from worker.amqp.subscription import Subscription

QUEUE = "of the tests"


def subscribed(amqp_url: str) -> Subscription:
    result = Subscription(
        parameters(amqp_url, name="test"), QUEUE, prefetch=5, presence=Presence(announce_away, announce_back)
    )
    result.subscribe()
    return result


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscription, "SILENT_S", 0.2)


def test_a_subscription_that_gets_no_waiting_message_is_closed(amqp_url: str, channel: BlockingChannel) -> None:
    # Only the first consumer of such a queue gets messages: the second is as after a fault of RabbitMQ.
    channel.queue_declare(QUEUE, exclusive=False, auto_delete=True, arguments={"x-single-active-consumer": True})
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(QUEUE, unheeded)
    deaf = subscribed(amqp_url)
    for _ in range(3):
        channel.basic_publish("", QUEUE, b"one")

    with pytest.raises(ConnectionClosed, match="delivers none"):
        pump(deaf, seconds=PATIENCE_S)

    deaf.close()


def test_a_subscription_to_an_empty_queue_or_with_something_in_hand_stays(
    amqp_url: str, channel: BlockingChannel
) -> None:
    channel.queue_declare(QUEUE, exclusive=False, auto_delete=True)
    patient = subscribed(amqp_url)
    pump(patient, seconds=1)
    for _ in range(9):
        channel.basic_publish("", QUEUE, b"one")
    wait_until(lambda: len(patient.arrived) == 5 or patient.pump(0.1), "as many as it may have")

    pump(patient, seconds=1)

    patient.ack(patient.arrived[-1].tag, multiple=True)
    wait_until(lambda: len(patient.arrived) == 9 or patient.pump(0.1), "the rest")
    patient.close()


def unheeded(*_: object) -> None:
    """A delivery that stays in hand."""


def pump(subscription: Subscription, *, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        subscription.pump(0.1)

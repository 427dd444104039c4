"""How often a message was returned, and its routing key, are taken from RabbitMQ and from no publisher."""

from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel

from tests.support.waiting import wait_until
from worker.amqp.broker import announce_away, announce_back
from worker.amqp.connection import Presence, parameters
from worker.amqp.subscription import Subscription
from worker.amqp.topology import OTHER_EVENTS
from worker.core.contract.inbound_message import Delivery

VICTIMS: Any = [
    {"reason": "expired", "queue": OTHER_EVENTS, "exchange": "crm.events", "routing-keys": ["victim.invoice.overdue"]}
]
FORGED = pika.BasicProperties(headers={"x-delivery-count": 5})


def arrived(subscription: Subscription) -> Delivery:
    wait_until(lambda: subscription.arrived or subscription.pump(0.1), "a delivery")
    return subscription.arrived[0].delivery


def test_a_count_that_its_publisher_wrote_is_not_believed(amqp_url: str, channel: BlockingChannel) -> None:
    presence = Presence(announce_away, announce_back)
    subscription = Subscription(parameters(amqp_url, name="test"), OTHER_EVENTS, prefetch=5, presence=presence)
    subscription.subscribe()
    channel.basic_publish("crm.events", "acme.x", b"{}", FORGED)

    first = arrived(subscription)
    subscription.unsubscribe()
    subscription.subscribe()
    second = arrived(subscription)
    subscription.close()

    assert (first.returns, first.is_suspect) == (0, False)
    assert (second.returns, second.is_suspect) == (1, False)


def test_a_death_that_its_publisher_wrote_names_no_other_account(amqp_url: str, channel: BlockingChannel) -> None:
    presence = Presence(announce_away, announce_back)
    subscription = Subscription(parameters(amqp_url, name="test"), OTHER_EVENTS, prefetch=5, presence=presence)
    subscription.subscribe()
    channel.basic_publish("crm.events", "acme.x", b"{}", pika.BasicProperties(headers={"x-death": VICTIMS}))

    delivery = arrived(subscription)
    subscription.close()

    assert (delivery.routing_key, delivery.account) == ("acme.x", "acme")

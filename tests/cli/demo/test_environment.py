import pytest
from pika.adapters.blocking_connection import BlockingChannel

from worker.amqp.topology import URGENT_EVENTS
from worker.cli.demo.environment import DemoError, insist_on_idle_queues


def test_a_demo_takes_no_queue_that_is_in_use(amqp_url: str, channel: BlockingChannel) -> None:
    channel.queue_declare(URGENT_EVENTS, durable=True)
    insist_on_idle_queues(amqp_url)
    channel.confirm_delivery()
    channel.basic_publish("", URGENT_EVENTS, b"{}")

    with pytest.raises(DemoError, match=f"queue {URGENT_EVENTS} of this RabbitMQ is in use"):
        insist_on_idle_queues(amqp_url)

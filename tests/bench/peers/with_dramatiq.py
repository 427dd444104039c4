"""`dramatiq tests.bench.peers.with_dramatiq --processes 2 --threads 16`: the work as an actor."""

import os
import sys
from typing import Any

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker

from tests.bench.peers import work

QUEUE = "peer-dramatiq"


class Ready(dramatiq.Middleware):
    """Says when a process works."""

    def after_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        del broker, worker
        sys.stderr.write(f"{work.READY}\n")


broker = RabbitmqBroker(url=os.environ[work.AMQP])
broker.add_middleware(Ready())
dramatiq.set_broker(broker)


@dramatiq.actor(queue_name=QUEUE, max_retries=3)
def send_sms(event: dict[str, Any]) -> None:
    work.send_sms(event)

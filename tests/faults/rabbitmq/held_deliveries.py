"""RabbitMQ throws out consumers that hold a delivery for too long; ours never do."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pika
from pika.exceptions import ChannelClosedByBroker

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.row import Result
from tests.faults.workers.process_ends import faulted

#: The waits of a row are some sixteen times shorter than those of production, where the timeout is 1,800 s.
TIMEOUT_S = 10
#: RabbitMQ looks every second; both in milliseconds.
LOOK = {"consumer_timeout": TIMEOUT_S * 1000, "channel_tick_interval": 1000}
LATENCY_MS = 600
PACE = 5.0
THROWN_OUT = b"has timed out waiting for delivery acknowledgement"
#: What a consumer is told then. RabbitMQ 3.10 may be away to it for another reason: of those who declare a quorum queue
#: at once, one may get INTERNAL_ERROR, and tries again.
TIMED_OUT = "delivery acknowledgement"


def held_too_long(stage: Stage, _runs: int) -> Result:
    """A slow provider keeps nudges in hand; a consumer of the harness that holds a delivery is thrown out."""
    stage.provider.settings(latency_ms=LATENCY_MS)
    log = stage.servers.pair.rabbitmq.folder / "log"
    with stage.servers.rabbitmq_with(**LOOK), stage.fleet() as fleet:
        before = thrown_out(log)
        load = stage.publish(stage.events.stream(), pace=PACE)
        is_watched = holds_delivery(stage.amqp_url)
        load.finish()
        result = stage.result(fleet, runs=1, since=moment())
        noticed = sum(TIMED_OUT in line["sms.reason"] for line in fleet.log_lines("rabbitmq.away"))
    timeouts = thrown_out(log) - before - is_watched
    faults = [] if is_watched else ["RabbitMQ did not look: whoever held a delivery was left alone"]
    faults += [f"{timeouts} of our consumers were thrown out, {noticed} noticed"] if timeouts or noticed else []
    return faulted(replace(result, figures={"timeout s": TIMEOUT_S, "timeouts": timeouts}), faults)


def holds_delivery(amqp_url: str) -> bool:
    """Hold a delivery of a queue of our own for ever; whether RabbitMQ ends that."""
    connection = pika.BlockingConnection(pika.URLParameters(amqp_url))
    channel: Any = connection.channel()  # pika declares too few types
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.basic_publish("", queue, b"held")
    channel.basic_consume(queue, unsettled)
    deadline = moment() + 3 * TIMEOUT_S
    while channel.is_open and moment() < deadline:
        with suppress(ChannelClosedByBroker):
            connection.process_data_events(1)
    is_ended = not channel.is_open
    connection.close()
    return is_ended


def unsettled(*_: object) -> None:
    """A delivery that nobody settles."""


def thrown_out(log: Path) -> int:
    """How many consumers RabbitMQ has thrown out so far, by its log."""
    return sum(THROWN_OUT in line for line in log.read_bytes().splitlines())

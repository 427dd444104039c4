"""Every actor on one screen: its queue, the step it calls, what is published next."""

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from typing import cast

import dramatiq
from dramatiq.middleware import CurrentMessage

from worker.amqp.broker import SmsBroker
from worker.amqp.consumer import Batch, BatchMessage, NudgeMessage
from worker.amqp.messages import nudge
from worker.amqp.publisher import Publisher
from worker.amqp.topology import DEAD_QUEUE, OTHER_EVENTS, QUEUES, SEND_QUEUES
from worker.bootstrap import Ports
from worker.core.contract.inbound_message import SUSPECT_FROM
from worker.core.sending.nudge import Nudge
from worker.failpoint import reached
from worker.health.metrics import count_events
from worker.health.outcome_log import report
from worker.logs.setup import log
from worker.steps.ingest.dead_letter import bury
from worker.steps.ingest.ingest import accept
from worker.steps.sending.retry_unknown import repeat
from worker.steps.sending.send import send, send_alone
from worker.store.db.error_messages import reason
from worker.store.db.postgres import is_caused_by_input
from worker.tracing import spans
from worker.tracing.spans import Span


def add_actors(broker: SmsBroker, ports: Ports) -> None:
    for queue in QUEUES:
        broker.declare_queue(queue)
    add_batch_actors(broker, ports)
    add_send_actors(broker, ports)


def add_batch_actors(broker: SmsBroker, ports: Ports) -> None:
    """Register the actors of whole batches. They never retry: what is not committed goes back to its queue."""

    @dramatiq.actor(broker=broker, queue_name=OTHER_EVENTS, max_retries=0)
    def accept_events() -> None:
        with consuming(current_batch()) as batch, settling(batch):
            results = accept(ports.intake, batch.deliveries)
            reached("committed")
            for accepted in results:
                ports.straight_posts.take(accepted.claims)
                announce(ports.publisher, accepted.nudges)
                count_events(accepted)
                report(accepted.reported)
                log.info("events.accepted", **accepted.counts)
            reached("nudged")

    @dramatiq.actor(broker=broker, queue_name=DEAD_QUEUE, max_retries=0)
    def bury_dead_letters() -> None:
        with consuming(current_batch()) as batch, settling(batch):
            report(bury(ports.intake.pool, batch.deliveries))
            log.info("dead_letters.saved", deliveries=len(batch.deliveries))

    _ = accept_events, bury_dead_letters


def add_send_actors(broker: SmsBroker, ports: Ports) -> None:
    """Register the actors of ids. What fails is retried within a minute, then left to the sweeper."""

    @dramatiq.actor(broker=broker, queue_name=SEND_QUEUES[0])
    def send_notifications(ids: list[tuple[str, int]]) -> None:
        notification_ids = [(date.fromisoformat(month), number) for month, number in ids]
        nudged = current_nudge()
        with nudging(nudged, len(notification_ids)), ports.outage.watched():
            if nudged.returns >= SUSPECT_FROM:
                send_alone(ports.sender, notification_ids)
            else:
                send(ports.sender, notification_ids)

    @dramatiq.actor(broker=broker, queue_name=SEND_QUEUES[0])
    def repeat_attempts(handed_over: list[tuple[str, str, int]]) -> None:
        with nudging(current_nudge(), len(handed_over)), ports.outage.watched():
            repeat(ports.sender, [(date.fromisoformat(month), key, lease) for month, key, lease in handed_over])

    _ = send_notifications, repeat_attempts


@contextmanager
def settling(batch: Batch) -> Generator[Batch]:
    try:
        yield batch
    except Exception as error:  # noqa: BLE001 (Dramatiq would log it and acknowledge)
        batch.refused = None if is_caused_by_input(error) else reason(error)
        log.warning("batch.returned", exc_info=error, deliveries=len(batch.deliveries))
    else:
        batch.is_committed = True


@contextmanager
def consuming(batch: Batch) -> Generator[Batch]:
    """A span around a batch, which links it to the traces of its events."""
    queue, count = batch.deliveries[0].queue, len(batch.deliveries)
    with spans.span(f"process {queue}", "consumer", facts_of(queue, count)):
        yield batch


def nudging(nudged: NudgeMessage, count: int) -> AbstractContextManager[Span]:
    """A span around a nudge, within the one that published it."""
    queue = nudged.queue_name
    return spans.span(f"process {queue}", "consumer", facts_of(queue, count), parent=nudged.traceparent)


def facts_of(queue: str, count: int) -> spans.Facts:
    """Attributes as https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq/ names them."""
    return {
        "messaging.system": "rabbitmq",
        "messaging.operation.type": "process",
        "messaging.destination.name": queue,
        "messaging.batch.message_count": count,
    }


def current_nudge() -> NudgeMessage:
    return cast("NudgeMessage", CurrentMessage.get_current_message())


def current_batch() -> Batch:
    return cast("BatchMessage", CurrentMessage.get_current_message()).batch


def announce(publisher: Publisher, nudges: Sequence[Nudge]) -> None:
    """Publish nudges without waiting: the sweeper finds the rows of lost ones."""
    if nudges:
        publisher.publish([nudge(item) for item in nudges])

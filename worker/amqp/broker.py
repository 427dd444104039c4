"""Our broker for Dramatiq: its own topology, its own consumers, publishing through the one confirming publisher."""

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.errors import ConnectionClosed
from dramatiq.middleware import CurrentMessage, Retries

from worker.amqp import topology
from worker.amqp.connection import CONNECTION_ERRORS, Presence, parameters
from worker.amqp.consumer import PREFETCH, BatchConsumer, NudgeConsumer
from worker.amqp.messages import encoded
from worker.amqp.publisher import Publisher
from worker.amqp.retry_delays import Delays
from worker.amqp.subscription import Subscription, name_of
from worker.core.lanes import LANES
from worker.logs.setup import log

#: The actor that takes the batches of each queue.
BATCH_ACTORS = {
    **dict.fromkeys(topology.EVENT_QUEUES, "accept_events"),
    topology.DEAD_QUEUE: "bury_dead_letters",
}
#: Retries of a nudge; rows are swept anyway, so a lost one costs seconds.
NUDGE_RETRIES = Retries(max_retries=8, min_backoff=1_000, max_backoff=60_000)
RETRY_CONFIRM_S = 5.0


class SmsBroker(RabbitmqBroker):
    """Dramatiq's RabbitMQ broker with our topology, consumers and publisher.

    Dramatiq's own declares classic queues, acknowledges what failed and trusts what it reads; see topology,
    consumer and messages for what we do instead.
    """

    def __init__(
        self,
        url: str,
        *,
        shares: Mapping[str, int],
        publisher: Publisher,
        presence: Presence,
        obstacle: Callable[[], str | None],
        may_send: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(middleware=[CurrentMessage(), NUDGE_RETRIES])
        self.parameters = parameters(url, name="broker")
        self._url = url
        self._shares = shares
        self._publisher = publisher
        self._presence = presence
        self._obstacle = obstacle
        self.delays = Delays(publisher.publish)
        self._may_send = may_send
        #: By which consumers report when they looked at their queues.
        self.clock = time.monotonic

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 1000) -> Any:  # noqa: ANN401 (Dramatiq's type)
        is_batch = queue_name in BATCH_ACTORS
        subscription = Subscription(
            parameters(self._url, name=name_of(queue_name)),
            queue_name,
            prefetch=PREFETCH if is_batch else self._shares.get(queue_name, prefetch),
            presence=self._presence,
        )
        timeout_s = timeout / 1000
        if is_batch:
            actor = BATCH_ACTORS[queue_name]
            return BatchConsumer(
                subscription, actor=actor, timeout_s=timeout_s, obstacle=self._obstacle, clock=self.clock
            )
        return NudgeConsumer(subscription, timeout_s=timeout_s, may_send=self._may_send, clock=self.clock)

    def declare_queue(self, queue_name: str, *, ensure: bool = False) -> None:  # noqa: ARG002 (consumers and publisher ensure)
        """Make a queue known to workers; there are no queues for delays."""
        if queue_name in self.queues:
            return
        self.emit_before("declare_queue", queue_name)
        self.queues.add(queue_name)
        self.emit_after("declare_queue", queue_name)

    def enqueue(self, message: dramatiq.Message[Any], *, delay: int | None = None) -> dramatiq.Message[Any]:
        """Publish one message, confirmed; a retry waits in this process.

        Raises:
            ConnectionClosed: RabbitMQ did not confirm it.
        """
        if delay is not None:
            # The traceback that Retries adds may quote a row; it stays out of the queue.
            message.options.pop("traceback", None)
            self.delays.add(encoded(message), seconds=delay / 1000)
            return message
        try:
            confirmed = self._publisher.publish([encoded(message)]).result(RETRY_CONFIRM_S)
        except (*CONNECTION_ERRORS, TimeoutError) as error:
            raise ConnectionClosed(error) from None
        if not confirmed:
            raise ConnectionClosed(RuntimeError("not confirmed"))
        return message


def shares_of(threads: int, queues: Collection[str]) -> dict[str, int]:
    """Limit the nudges of each send queue in work: a silent provider must leave threads for events."""
    parts = {topology.send_queue(name): lane.threads for name, lane in LANES.items()}
    sending = [queue for queue in parts if queue in queues]
    left = threads - sum(queue in BATCH_ACTORS for queue in queues)
    whole = sum(parts[queue] for queue in sending)
    return {queue: max(1, left * parts[queue] // whole) for queue in sending}


def announce_away(*, reason: str, hint: str) -> None:
    log.warning("rabbitmq.away", reason=reason, hint=f"waiting; {hint}")


def announce_back() -> None:
    log.info("rabbitmq.back")

"""How Dramatiq's threads get work: whole batches from event queues, single nudges from send queues."""

import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from queue import Empty, SimpleQueue

from dramatiq import Message
from dramatiq.broker import Consumer, MessageProxy

from worker.amqp.consumer_state import ConsumerState, Progress
from worker.amqp.messages import ForeignEnvelopeError, decode
from worker.amqp.subscription import Arrived, Subscription
from worker.core.contract.batch_limits import next_batch
from worker.core.contract.inbound_message import Delivery
from worker.failpoint import reached
from worker.logs.setup import log
from worker.store.db.outage import WAIT_S, Outage

#: Deliveries on the way while a batch is in work; two batches keep both sides busy.
PREFETCH = 400
#: How long a batch may wait for what RabbitMQ has already sent.
LINGER_S = 0.005


class Batch:
    """Deliveries in the hands of an actor; only what it marks committed is acknowledged."""

    def __init__(self, arrived: Sequence[Arrived]) -> None:
        self.deliveries: list[Delivery] = [item.delivery for item in arrived]
        self.last_tag = arrived[-1].tag
        self.handed_over_at = time.monotonic()
        self.is_committed = False
        #: Why PostgreSQL did not take it, where that is nobody's fault here.
        self.refused: str | None = None


class BatchMessage(MessageProxy):
    """A batch as Dramatiq sees it: a message whose deliveries travel beside it, where nothing logs them."""

    def __init__(self, queue: str, actor: str, batch: Batch, subscription: Subscription) -> None:
        message: Message[None] = Message(queue_name=queue, actor_name=actor, args=(), kwargs={}, options={})
        super().__init__(message)  # pyright: ignore[reportUnknownMemberType] Dramatiq leaves the result's type open
        self.batch = batch
        self.subscription = subscription


class BatchConsumer(Consumer):
    """Hands over what has arrived, one batch in flight; keeps its connection while PostgreSQL is away."""

    def __init__(
        self,
        subscription: Subscription,
        *,
        actor: str,
        timeout_s: float,
        obstacle: Callable[[], str | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._subscription = subscription
        self._clock = clock
        self._actor = actor
        self._timeout_s = timeout_s
        self._obstacle = obstacle
        self._settled: SimpleQueue[Batch] = SimpleQueue()
        self._in_flight: Batch | None = None
        self._outage = Outage(subscription.queue)
        self._progress = Progress()
        self._looked_at = self._clock()

    def __next__(self) -> MessageProxy | None:
        self._looked_at = self._clock()
        self._settle()
        if not self._subscription.is_subscribed:
            self._wait_for_postgres()
            return None
        if self._in_flight or not self._subscription.arrived:
            self._subscription.pump(self._timeout_s)
            self._settle()
        if self._in_flight or not self._subscription.arrived:
            if not self._in_flight:
                self._progress.idles(now=self._clock())
            return None
        self._gather()
        return self._take()

    def ack(self, message: MessageProxy) -> None:
        """Called by worker threads when the actor has ended, in whatever way."""
        if isinstance(message, BatchMessage) and message.subscription is self._subscription:
            self._settled.put(message.batch)
            self._subscription.wake()

    nack = ack

    def requeue(self, messages: Iterable[MessageProxy]) -> None:
        """Nothing to do: RabbitMQ takes back what is unsettled when the connection closes."""

    def close(self) -> None:
        self._settle()
        self._subscription.close()

    def state(self) -> ConsumerState:
        batch = self._in_flight
        return ConsumerState(
            self._looked_at,
            is_connected=self._subscription.is_open,
            is_subscribed=self._subscription.is_subscribed,
            outage=self._outage.fault(now=time.monotonic()),
            in_work_since=batch and batch.handed_over_at,
            unsettled_since=self._progress.unsettled_since,
        )

    def _settle(self) -> None:
        try:
            batch = self._settled.get_nowait()
        except Empty:
            return
        self._in_flight = None
        if batch.refused:
            self._subscription.unsubscribe()
            self._outage.met(batch.refused, now=time.monotonic())
        elif batch.is_committed:
            self._outage.over()
            self._progress.settled()
            self._subscription.ack(batch.last_tag, multiple=True)
            reached("acknowledged")
        else:
            self._subscription.give_back(batch.last_tag, multiple=True)

    def _wait_for_postgres(self) -> None:
        self._subscription.pump(min(self._timeout_s, WAIT_S))
        if time.monotonic() < self._outage.ask_at:
            return
        if obstacle := self._obstacle():
            self._outage.met(obstacle, now=time.monotonic(), by_probe=True)
        else:
            self._outage.looked()
            self._subscription.subscribe()

    def _gather(self) -> None:
        """Pump while more keeps coming: pika reads only a few KB at a time. One alone goes at once."""
        arrived = self._subscription.arrived
        until = time.monotonic() + LINGER_S
        seen = 0
        while seen < len(arrived) < PREFETCH and time.monotonic() < until:
            seen = len(arrived)
            self._subscription.pump(0)

    def _take(self) -> BatchMessage:
        arrived = self._subscription.arrived
        count = next_batch(item.delivery for item in islice(arrived, PREFETCH))
        self._progress.took(now=self._clock())
        self._in_flight = Batch([arrived.popleft() for _ in range(count)])
        return BatchMessage(self._subscription.queue, self._actor, self._in_flight, self._subscription)


class NudgeMessage(MessageProxy):
    """A nudge with what settles it; `returns` counts its unsettled deliveries."""

    def __init__(self, message: Message[None], arrived: Arrived, subscription: Subscription) -> None:
        super().__init__(message)  # pyright: ignore[reportUnknownMemberType] Dramatiq leaves the result's type open
        self.tag = arrived.tag
        self.returns = arrived.delivery.returns
        self.traceparent = arrived.delivery.traceparent
        self.subscription = subscription


class NudgeConsumer(Consumer):
    """Hands over nudges one by one, each validated; foreign ones go to the dead letters."""

    def __init__(
        self,
        subscription: Subscription,
        *,
        timeout_s: float,
        may_send: Callable[[], bool] = lambda: True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._subscription = subscription
        self._clock = clock
        self._timeout_s = timeout_s
        self._may_send = may_send
        self._settled: SimpleQueue[NudgeMessage] = SimpleQueue()
        self._looked_at = self._clock()

    def __next__(self) -> MessageProxy | None:
        self._looked_at = self._clock()
        self._settle()
        if not self._may_send():
            # Others may: what lies here is theirs, what is in work settles by itself.
            self._subscription.leave()
            self._subscription.pump(self._timeout_s)
            return None
        if not self._subscription.is_subscribed:
            self._subscription.subscribe()
        if not self._subscription.arrived:
            self._subscription.pump(self._timeout_s)
            self._settle()
        if not self._subscription.arrived:
            return None
        arrived = self._subscription.arrived.popleft()
        try:
            message = decode(arrived.delivery.body, self._subscription.queue, size=arrived.delivery.size)
        except ForeignEnvelopeError as fault:
            log.error("envelope.refused", queue=self._subscription.queue, reason=str(fault))
            self._subscription.refuse(arrived.tag)
            return None
        return NudgeMessage(message, arrived, self._subscription)

    def ack(self, message: MessageProxy) -> None:
        """Called by worker threads when the actor has ended, in whatever way: the rows are the truth."""
        if isinstance(message, NudgeMessage) and message.subscription is self._subscription:
            self._settled.put(message)
            self._subscription.wake()

    nack = ack

    def requeue(self, messages: Iterable[MessageProxy]) -> None:
        """Nothing to do: RabbitMQ takes back what is unsettled when the connection closes."""

    def close(self) -> None:
        self._settle()
        self._subscription.close()

    def state(self) -> ConsumerState:
        subscription = self._subscription
        return ConsumerState(
            self._looked_at, is_connected=subscription.is_open, is_subscribed=subscription.is_subscribed
        )

    def _settle(self) -> None:
        while not self._settled.empty():
            self._subscription.ack(self._settled.get_nowait().tag, multiple=False)

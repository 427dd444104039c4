"""One connection that consumes one queue: deliveries arrive in tag order, other threads ask for settlement."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pika
from dramatiq.errors import ConnectionClosed

from worker.amqp import topology
from worker.amqp.connection import CONNECTION_ERRORS, Presence
from worker.core.contract.inbound_message import Delivery, truncated
from worker.tracing.traceparent import traceparent_of


@dataclass(frozen=True, slots=True)
class Arrived:
    """A delivery and the tag that settles it on this connection."""

    tag: int
    delivery: Delivery


#: How long a subscription may receive nothing before it asks whether messages are waiting.
SILENT_S = 3.0


@dataclass(frozen=True, slots=True)
class Silence:
    """Since when a subscription has received nothing, and whether messages lay in its queue when it last asked."""

    since: float
    is_doubted: bool = False

    @property
    def until(self) -> float:
        return self.since + SILENT_S


def name_of(queue: str) -> str:
    return f"consumer {queue}"


class Subscription:
    """What a consumer thread holds; everything but `wake` belongs to that thread.

    Raises (every method):
        ConnectionClosed: RabbitMQ is away, or the queue was deleted; whoever consumes starts anew.
    """

    def __init__(self, parameters: pika.ConnectionParameters, queue: str, *, prefetch: int, presence: Presence) -> None:
        self.queue = queue
        self.arrived: deque[Arrived] = deque()
        self.connection: Any = None
        self._presence = presence
        self._name = name_of(queue)
        self._tag: str | None = None
        self._is_cancelled = False
        self._unsettled: set[int] = set()
        self._silence = Silence(time.monotonic())
        try:
            self._guarded(lambda: self._connect(parameters, prefetch))
        except ConnectionClosed:
            self.close()
            raise
        presence.restored(self._name)

    def _connect(self, parameters: pika.ConnectionParameters, prefetch: int) -> None:
        # pika declares too few of its types for a checker to follow.
        self.connection = pika.BlockingConnection(parameters)
        self.channel: Any = self.connection.channel()
        topology.declare_queue(self.channel, self.queue)
        self.channel.basic_qos(prefetch_count=prefetch)
        self.channel.add_on_cancel_callback(self._cancelled)

    @property
    def is_subscribed(self) -> bool:
        return self._tag is not None

    @property
    def is_open(self) -> bool:
        """Whether the connection is there, as far as it knows; from any thread."""
        return self.connection is not None and bool(self.connection.is_open) and not self._is_cancelled

    def subscribe(self) -> None:
        self._tag = self._guarded(lambda: self.channel.basic_consume(self.queue, self._deliver))
        self._silence = Silence(time.monotonic())

    def unsubscribe(self) -> None:
        tag, self._tag = self._tag, None
        if tag:
            self._guarded(lambda: self.channel.basic_cancel(tag))
        self._guarded(lambda: self.channel.basic_nack(0, multiple=True, requeue=True))
        self.arrived.clear()
        self._unsettled.clear()

    def leave(self) -> None:
        """Stop the flow and give back what nobody works on yet."""
        tag, self._tag = self._tag, None
        if tag:
            self._guarded(lambda: self.channel.basic_cancel(tag))
        while self.arrived:
            self.give_back(self.arrived.popleft().tag, multiple=False)

    def pump(self, seconds: float) -> None:
        self._guarded(lambda: self.connection.process_data_events(seconds))
        if self._is_cancelled:
            raise ConnectionClosed(RuntimeError("the queue was deleted"))
        self._listen()

    def ack(self, tag: int, *, multiple: bool) -> None:
        self._guarded(lambda: self.channel.basic_ack(tag, multiple=multiple))
        self._settled(tag, multiple=multiple)

    def give_back(self, tag: int, *, multiple: bool) -> None:
        self._guarded(lambda: self.channel.basic_nack(tag, multiple=multiple, requeue=True))
        self._settled(tag, multiple=multiple)

    def refuse(self, tag: int) -> None:
        self._guarded(lambda: self.channel.basic_nack(tag, requeue=False))
        self._settled(tag, multiple=False)

    def wake(self) -> None:
        """From any thread: end a pump at once."""
        try:
            self.connection.add_callback_threadsafe(nothing)
        except CONNECTION_ERRORS:
            return

    def close(self) -> None:
        """Disconnect; whatever is not settled goes back to the queue by itself."""
        try:
            if self.connection and self.connection.is_open:
                self.connection.close()
        except CONNECTION_ERRORS:
            return

    def _guarded(self, act: Callable[[], Any]) -> Any:  # noqa: ANN401 (what pika answers)
        try:
            return act()
        except CONNECTION_ERRORS as error:
            self._presence.lost(self._name, error)
            raise ConnectionClosed(error) from None

    def _settled(self, tag: int, *, multiple: bool) -> None:
        if multiple:
            self._unsettled = {other for other in self._unsettled if other > tag}
        self._unsettled.discard(tag)
        self._silence = Silence(time.monotonic())

    def _listen(self) -> None:
        """Leave a queue that holds messages and delivers none, though we have nothing in hand.

        RabbitMQ 3.10 forgets consumers without a word where a queue is deleted and declared again at once.
        """
        now = time.monotonic()
        if self._unsettled or not self.is_subscribed or now < self._silence.until:
            return
        lying = self._guarded(lambda: self.channel.queue_declare(self.queue, passive=True).method.message_count)
        if not lying or self._unsettled:
            self._silence = Silence(now)
        elif self._silence.is_doubted:
            raise ConnectionClosed(RuntimeError("the queue holds messages and delivers none"))
        else:
            self._silence = Silence(now, is_doubted=True)

    def _cancelled(self, _frame: object) -> None:
        self._is_cancelled = True

    def _deliver(self, _channel: object, method: Any, properties: Any, body: bytes) -> None:  # noqa: ANN401
        headers: Mapping[str, object] = properties.headers or {}
        # On a first delivery the header is the publisher's; RabbitMQ writes its own over it when a message comes back.
        returns = headers.get("x-delivery-count") if method.redelivered else 0
        deaths = headers.get("x-death")
        # Any publisher may write that header: only among dead letters does it show more than the key of the delivery.
        taken_from = event_key_of(deaths) if self.queue == topology.DEAD_QUEUE else None
        delivery = Delivery(
            body=body,
            routing_key=taken_from or as_text(method.routing_key),
            queue=self.queue,
            returns=returns if isinstance(returns, int) else 0,
            death=death_of(deaths),
            traceparent=traceparent_of(headers.get("traceparent")),
        )
        self._unsettled.add(method.delivery_tag)
        self._silence = Silence(time.monotonic())
        self.arrived.append(Arrived(method.delivery_tag, truncated(delivery)))


def as_text(key: str | bytes) -> str:
    """A routing key; pika leaves one that is not UTF-8 as bytes."""
    return (key if isinstance(key, str) else key.decode(errors="replace")).replace("\x00", "")


def death_of(deaths: object) -> str | None:
    """Why RabbitMQ gave up on a message and in which queue, from the newest entry of its x-death header."""
    match deaths:
        case [{"reason": str() | bytes() as reason, "queue": str() | bytes() as queue}, *_]:  # pyright: ignore[reportUnknownVariableType] the rest
            return f"{as_text(reason)} in {as_text(queue)}"
        case _:
            return None


def event_key_of(deaths: object) -> str | None:
    """The routing key under which RabbitMQ took an event that it gave up on later."""
    match deaths:
        case [{"queue": str() as queue, "routing-keys": [str() | bytes() as key, *_]}, *_]:  # pyright: ignore[reportUnknownVariableType] the rest
            return as_text(key) if queue in topology.EVENT_QUEUES else None
        case _:
            return None


def nothing() -> None:
    """Do nothing: its call alone ends a pump."""

"""Many messages under way at once on one channel, each with RabbitMQ's word on it: it has the message, or it has not.

pika's blocking channel waits for one confirm before it publishes the next message, and each confirm takes RabbitMQ as
long as its disk does.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Literal

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import UnroutableError
from pika.frame import Method
from pika.spec import Basic

from worker.amqp.pika_internals import alarm_after, channel_beneath, flush

#: Messages under way at once.
WINDOW = 500
#: RabbitMQ has it; it will not have it; no queue is there for it; it has not said.
Confirmation = Literal["confirmed", "refused", "returned", "unanswered"]
#: What cuts the connection unless its block ends in so many seconds.
Ending = Callable[[float], AbstractContextManager[None]]

NACK: Any = Basic.Nack


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to publish, persistent; a mandatory one needs a queue that takes it."""

    exchange: str
    routing_key: str
    body: bytes
    content_type: str = "application/json"
    is_mandatory: bool = True
    traceparent: str | None = None


class Confirms:
    """A confirming channel, used by one thread."""

    def __init__(self, channel: BlockingChannel) -> None:
        self.channel = channel
        #: Whether RabbitMQ has refused a message on this channel, or owes an answer.
        self.has_refused = False
        self._impl = channel_beneath(channel)
        self._published = 0
        self._open: dict[int, Outgoing] = {}
        self._confirmations: dict[int, Confirmation] = {}
        self._select()

    def publish(self, messages: Sequence[Outgoing], ending: Ending, patience_s: float) -> list[Confirmation]:
        """Publish in order and return RabbitMQ's confirmations; between two of them it has `patience_s`."""
        first = self._published + 1
        self._confirmations.clear()
        for message in messages:
            while len(self._open) >= WINDOW:
                self._wait(ending, patience_s)
            self._send(message)
        while self._open:
            self._wait(ending, patience_s)
        return [self._confirmations[tag] for tag in range(first, first + len(messages))]

    def offer(self, messages: Sequence[Outgoing], patience_s: float) -> list[Confirmation]:
        """Publish in order and return what RabbitMQ says of each within `patience_s`: a queue may stay silent."""
        first = self._published + 1
        self._confirmations.clear()
        for message in messages:
            self._send(message)
        with alarm_after(self.channel, patience_s) as is_over:
            flush(self.channel, lambda: not self._open or is_over())
        self.has_refused |= bool(self._open)
        self._open.clear()
        return [self._confirmations.get(tag, "unanswered") for tag in range(first, first + len(messages))]

    def _select(self) -> None:
        answers: list[object] = []
        self._impl.add_on_return_callback(self._returned)
        self._impl.confirm_delivery(self._on_confirm, callback=answers.append)
        flush(self.channel, lambda: bool(answers))

    def _send(self, message: Outgoing) -> None:
        headers = {"traceparent": message.traceparent} if message.traceparent else None
        properties = pika.BasicProperties(delivery_mode=2, content_type=message.content_type, headers=headers)
        self._impl.basic_publish(message.exchange, message.routing_key, message.body, properties, message.is_mandatory)
        self._published += 1
        self._open[self._published] = message

    def _wait(self, ending: Ending, patience_s: float) -> None:
        left = len(self._open)
        with ending(patience_s):
            flush(self.channel, lambda: len(self._open) < left)

    def _on_confirm(self, frame: Method[Basic.Ack | Basic.Nack]) -> None:
        """Note a confirm of one message, or of all up to it; a returned one is confirmed too, and stays returned."""
        result: Confirmation = "refused" if isinstance(frame.method, NACK) else "confirmed"
        self.has_refused |= result == "refused"
        tag: int = frame.method.delivery_tag
        # Two queues confirm each in its own order: a single word may be ahead of others.
        tags = list(takewhile(lambda number: number <= tag, self._open)) if frame.method.multiple else [tag]
        for number in tags:
            if self._open.pop(number, None):
                self._confirmations.setdefault(number, result)

    def _returned(self, _channel: object, method: Basic.Return, _properties: object, body: bytes) -> None:
        """RabbitMQ does not name the message but returns it whole: take the first equal one."""
        same = (method.exchange, method.routing_key, body)
        for tag, outgoing in self._open.items():
            if tag not in self._confirmations and same == (outgoing.exchange, outgoing.routing_key, outgoing.body):
                self._confirmations[tag] = "returned"
                return


def confirmed_of(confirmations: Sequence[Confirmation]) -> int:
    """Count the messages confirmed before the first that was not.

    Raises:
        UnroutableError: one had no queue.
    """
    if "returned" in confirmations:
        raise UnroutableError([])
    return next(
        (count for count, confirmation in enumerate(confirmations) if confirmation != "confirmed"), len(confirmations)
    )

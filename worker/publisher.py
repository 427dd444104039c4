"""Publishing with confirms, over one connection owned by one thread.

Nobody needs to wait for the answer: what is not confirmed in time is dropped here and found by the sweeper. Who does
need it (a published event, an occurrence) waits for the Future.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

import pika
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import NackError, UnroutableError

from worker import topology
from worker.rabbitmq import GONE, Presence, parameters

#: A nudge not confirmed by then is the sweeper's.
CONFIRM_S = 2.0
IDLE_S = 1.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to publish, persistent and mandatory."""

    exchange: str
    routing_key: str
    body: bytes
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done on the publisher's thread, in order."""

    act: Callable[[BlockingChannel], int]
    answer: Future[int]
    asked_at: float = field(default_factory=time.monotonic)


class Publisher:
    """Publishes from any thread; `close` lets what is queued go out first."""

    def __init__(self, url: str, *, name: str = "publisher", presence: Presence | None = None) -> None:
        self._parameters = parameters(url, name=name, blocked_after_s=CONFIRM_S)
        self._presence = presence
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._connection: BlockingConnection | None = None
        self._channel: BlockingChannel | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def publish(self, messages: Sequence[Outgoing], *, patience_s: float = CONFIRM_S) -> Future[int]:
        """Publish these in order; the Future counts those that RabbitMQ confirmed before the first that it did not."""
        return self._ask(lambda channel: confirmed(channel, messages), patience_s)

    def depth(self, queue: str) -> Future[int]:
        """How many messages lie ready in a queue."""
        return self._ask(lambda channel: channel.queue_declare(queue, passive=True).method.message_count, CONFIRM_S)

    def close(self, timeout_s: float = 3.0) -> None:
        """Let what is queued go out, then disconnect."""
        self._jobs.put(None)
        self._thread.join(timeout_s)

    def _ask(self, act: Callable[[BlockingChannel], int], patience_s: float) -> Future[int]:
        answer: Future[int] = Future()
        self._jobs.put(Job(act, answer, time.monotonic() + patience_s - CONFIRM_S))
        return answer

    def _run(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=IDLE_S)
            except Empty:
                self._pulse()
                continue
            if job is None:
                break
            self._do(job)
        self._disconnect()

    def _do(self, job: Job) -> None:
        """One job; a connection that died while idle is replaced once."""
        error: BaseException = TimeoutError("RabbitMQ did not answer in time")
        for _ in range(2):
            if time.monotonic() - job.asked_at > CONFIRM_S:
                break
            try:
                job.answer.set_result(job.act(self._open()))
                return
            except GONE as gone:
                error = gone
                self._disconnect()
        if self._presence:
            self._presence.lost(error)
        job.answer.set_exception(error)

    def _open(self) -> BlockingChannel:
        if self._channel is None:
            self._connection = pika.BlockingConnection(self._parameters)
            self._channel = self._connection.channel()
            topology.declare(self._channel)
            self._channel.confirm_delivery()
            if self._presence:
                self._presence.found()
        return self._channel

    def _pulse(self) -> None:
        """Answer heartbeats while there is nothing to do."""
        try:
            if self._connection:
                self._connection.process_data_events(0)
        except GONE:
            self._disconnect()

    def _disconnect(self) -> None:
        connection, self._connection, self._channel = self._connection, None, None
        try:
            if connection and connection.is_open:
                connection.close()
        except GONE:
            return


def confirmed(channel: BlockingChannel, messages: Sequence[Outgoing]) -> int:
    """Publish in order until RabbitMQ does not confirm one; count those it did."""
    for count, message in enumerate(messages):
        try:
            publish_one(channel, message)
        except UnroutableError:
            # A queue was deleted while we ran: everything is declared anew, once.
            topology.declare(channel)
            publish_one(channel, message)
        except NackError:
            return count
    return len(messages)


def publish_one(channel: BlockingChannel, message: Outgoing) -> None:
    """Publish one message and wait for its confirm."""
    properties = pika.BasicProperties(delivery_mode=2, content_type=message.content_type)
    channel.basic_publish(message.exchange, message.routing_key, message.body, properties, mandatory=True)

"""Publishes in the background as a careful CRM does, and logs what RabbitMQ has confirmed.

An event counts as published once it is confirmed; what was nacked, returned or left without an answer is published
again under the same id, which the contract allows.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

import pika
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import NackError, UnroutableError

from tests.faults.harness.events import Publication
from tests.support.waiting import wait_until
from worker.amqp.connection import CONNECTION_ERRORS
from worker.amqp.pika_internals import ending_after

AGAIN_S = 0.2
LOOK_EVERY = 20
#: A broker that blocks publishers, or is frozen, is left and tried anew.
BLOCKED_S, HEARTBEAT_S = 3, 4
#: A confirm that has not come by then may never come: where a quorum queue changed its leader meanwhile.
CONFIRM_S = 5.0
THREAD = "generator"
PROPERTIES = pika.BasicProperties(delivery_mode=2, content_type="application/cloudevents+json")

# pika quotes a message that RabbitMQ returns; a CRM may log its own events, and no log of ours is searched for them.
logging.getLogger("pika.adapters.blocking_connection").addFilter(lambda record: record.threadName != THREAD)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """An event that RabbitMQ has taken over, and when by `time.time()`."""

    publication: Publication
    at: float


class Generator:
    """A CRM that publishes; `confirmed` grows while it does."""

    def __init__(
        self,
        url: str,
        publications: Iterable[Publication],
        *,
        pace: float | None = None,
        may_go: Callable[[int], bool] = lambda _: True,
    ) -> None:
        """Begin at once.

        Args:
            url: of RabbitMQ.
            publications: what to publish; they may be without end.
            pace: events a second; as fast as possible if not given.
            may_go: called now and then with the number of confirmed events; the next wait until it is true.
        """
        self.confirmed: list[Confirmed] = []
        self.repeats = 0
        self._url = url
        self._publications = publications
        self._pace = pace
        self._may_go = may_go
        self._ending = threading.Event()
        self._is_abandoned = False
        self._connection: BlockingConnection | None = None
        self._channel: BlockingChannel | None = None
        self._thread = threading.Thread(target=self._run, name=THREAD, daemon=True)
        self._thread.start()

    @property
    def is_done(self) -> bool:
        """Whether nothing more will be published."""
        return not self._thread.is_alive()

    def finish(self) -> None:
        """Publish no new event, but finish the event in hand."""
        self._ending.set()
        self.wait()

    def abandon(self) -> None:
        """Publish nothing more, not even the event in hand: nobody counts any longer."""
        self._is_abandoned = True
        self._ending.set()
        self._thread.join()

    def wait(self) -> None:
        """Wait until everything is published."""
        wait_until(lambda: self.is_done, "RabbitMQ confirms every event", progress=lambda: len(self.confirmed))

    def _run(self) -> None:
        began = time.monotonic()
        for number, publication in enumerate(self._publications):
            if self._pace:
                self._ending.wait(max(0.0, began + number / self._pace - time.monotonic()))
            while number % LOOK_EVERY == 0 and not self._may_go(number) and not self._ending.wait(AGAIN_S):
                pass
            if self._ending.is_set():
                break
            while not self._is_confirmed(publication) and not self._is_abandoned:
                self.repeats += 1
                time.sleep(AGAIN_S)
            if self._is_abandoned:
                break
            self.confirmed.append(Confirmed(publication, time.time()))
        self._disconnect()

    def _is_confirmed(self, publication: Publication) -> bool:
        try:
            channel, properties = self._open(), publication.properties or PROPERTIES
            with ending_after(channel, CONFIRM_S):
                channel.basic_publish(
                    publication.exchange, publication.routing_key, publication.body, properties, mandatory=True
                )
        except UnroutableError:
            return False
        except (NackError, *CONNECTION_ERRORS):
            # A channel that has refused may do so for as long as one node is down; a new one asks the others.
            self._disconnect()
            return False
        return True

    def _disconnect(self) -> None:
        connection, self._connection, self._channel = self._connection, None, None
        if connection and connection.is_open:
            with suppress(*CONNECTION_ERRORS), ending_after(connection, CONFIRM_S):
                connection.close()

    def _open(self) -> BlockingChannel:
        if self._channel is None:
            parameters = pika.URLParameters(self._url)
            parameters.heartbeat = HEARTBEAT_S
            parameters.blocked_connection_timeout = parameters.socket_timeout = parameters.stack_timeout = BLOCKED_S
            self._connection = pika.BlockingConnection(parameters)
            with ending_after(self._connection, CONFIRM_S):
                channel = self._connection.channel()
                channel.confirm_delivery()
            self._channel = channel
        return self._channel

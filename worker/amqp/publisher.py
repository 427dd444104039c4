"""Publishing with confirms, over one connection owned by one thread.

Nobody needs to wait for the answer: what is not confirmed in time is dropped here and found by the sweeper. Who does
need it (a published event, an occurrence) waits for the Future.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, Full, Queue
from typing import Any, TypeVar

import pika
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import ChannelClosedByBroker

from worker.amqp import topology
from worker.amqp.confirms import Confirmation, Confirms, Outgoing, confirmed_of
from worker.amqp.connection import CONNECTION_ERRORS, REFUSALS, Presence, describe, parameters
from worker.amqp.pika_internals import ending_after
from worker.logs.setup import log

T = TypeVar("T")

#: A nudge not confirmed by then is the sweeper's.
CONFIRM_S = 2.0
IDLE_S = 1.0
#: A RabbitMQ that hangs is noticed within two of these.
HEARTBEAT_S = 10
#: Opening a channel and declaring everything; the first time, every queue is made.
DECLARE_S = 10.0
CLOSE_S = 1.0
#: Jobs that wait; one more is a nudge too many, and its row is swept.
INBOX = 1_000


@dataclass(frozen=True, slots=True)
class Job:
    act: Callable[[Confirms], Any]
    answer: Future[Any]
    asked_at: float = field(default_factory=time.monotonic)


class Publisher:
    """Publishes from any thread; `close` lets what is queued go out first. Every Future is resolved, come what may."""

    def __init__(self, url: str, *, name: str = "publisher", presence: Presence | None = None) -> None:
        self._parameters = parameters(url, name=name, heartbeat_s=HEARTBEAT_S, blocked_after_s=CONFIRM_S)
        self.presence = presence or Presence()
        self._name = name
        self._jobs: Queue[Job | None] = Queue(INBOX)
        self._has_ended = False
        self._connection: BlockingConnection | None = None
        self._confirms: Confirms | None = None
        #: RabbitMQ's reasons by queue that could not be declared.
        self.refused: dict[str, str] = {}
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def is_away(self) -> bool:
        return self.presence.is_lost(self._name)

    def publish(self, messages: Sequence[Outgoing], *, patience_s: float = CONFIRM_S) -> Future[int]:
        """Publish in order; the Future counts those confirmed before the first that was not.

        `patience_s` is how long they may wait for their turn, and then each for its confirm.
        """
        return self._ask(lambda confirms: confirmed(confirms, messages, patience_s), patience_s)

    def offer(self, messages: Sequence[Outgoing], *, patience_s: float = CONFIRM_S) -> Future[list[Confirmation]]:
        """Publish in order; the Future has what RabbitMQ says of each, as far as it does within `patience_s`.

        What cannot go out within twice that, because a new connection takes long, does not go out later.
        """
        until = time.monotonic() + 2 * patience_s
        return self._ask(partial(offered, messages=messages, until=until, patience_s=patience_s), patience_s)

    def declare_outcomes(self) -> Future[ChannelClosedByBroker | None]:
        """Declare the exchange that CRMs hear from; the Future has RabbitMQ's refusal."""
        return self._ask(outcomes_declared, CONFIRM_S)

    def fault(self) -> str | None:
        """Ask RabbitMQ, and return why nothing can be published now."""
        try:
            self.depth(topology.DEAD_QUEUE).result(DECLARE_S)
        except (*CONNECTION_ERRORS, TimeoutError) as error:
            return describe(error)
        return None

    def depth(self, queue: str) -> Future[int]:
        return self._ask(lambda confirms: message_count(confirms.channel, queue), CONFIRM_S)

    def close(self, timeout_s: float = 3.0) -> None:
        with suppress(Full):
            self._jobs.put(None, timeout=timeout_s)
        self._thread.join(timeout_s)

    def _ask(self, act: Callable[[Confirms], T], patience_s: float) -> Future[T]:
        answer: Future[T] = Future()
        try:
            self._jobs.put_nowait(Job(act, answer, time.monotonic() + patience_s - CONFIRM_S))
        except Full:
            answer.set_exception(TimeoutError(f"{INBOX} jobs wait for RabbitMQ already"))
        if self._has_ended:
            self._turn_away()
        return answer

    def _run(self) -> None:
        try:
            self._work()
        finally:
            self._has_ended = True
            self._turn_away()
            self._disconnect()

    def _work(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=IDLE_S)
            except Empty:
                self._pulse()
                continue
            if job is None:
                return
            if job.answer.set_running_or_notify_cancel():
                self._do(job)

    def _turn_away(self) -> None:
        """Fail what is left, so that nobody waits for it for ever."""
        with suppress(Empty):
            while True:
                job = self._jobs.get_nowait()
                if job and job.answer.set_running_or_notify_cancel():
                    job.answer.set_exception(TimeoutError("the publisher has ended"))

    def _do(self, job: Job) -> None:
        """Run one job; a connection that died while idle is replaced once."""
        error: BaseException | None = None
        is_there = False
        for _ in range(2):
            if time.monotonic() - job.asked_at > CONFIRM_S:
                break
            is_there = False
            try:
                confirms, is_there = self._open(), True
                answer = job.act(confirms)
            except CONNECTION_ERRORS as failure:
                error = failure
                self._disconnect()
            except Exception as fault:  # noqa: BLE001 (the job's own fault; the next one must not pay for it)
                log.error("publisher.fault", exc_info=fault)
                self._disconnect()
                job.answer.set_exception(fault)
                return
            else:
                self.presence.restored(self._name)
                job.answer.set_result(answer)
                self._leave_refused_channel()
                return
        # A queue or an exchange that RabbitMQ does not give us proves that it is there.
        if error and not (is_there and isinstance(error, REFUSALS)):
            self.presence.lost(self._name, error)
        # One that is merely old proves nothing about RabbitMQ: others before it may have taken long.
        job.answer.set_exception(error or TimeoutError("its turn came too late"))

    def _open(self) -> Confirms:
        if self._connection is None:
            self._connection = pika.BlockingConnection(self._parameters)
            with ending_after(self._connection, DECLARE_S):
                self._log_refused(topology.declare_each(self._connection))
        if self._confirms is None:
            with ending_after(self._connection, DECLARE_S):
                self._confirms = Confirms(self._connection.channel())
        return self._confirms

    def _leave_refused_channel(self) -> None:
        """Open a new channel for the next job once a message was refused.

        A channel of RabbitMQ 3.10 asks one node of a queue's cluster before its first message and never another: while
        that node is down it refuses everything, though the queue has long had a new leader.
        """
        if self._confirms and self._confirms.has_refused:
            channel, self._confirms = self._confirms.channel, None
            with suppress(Exception), ending_after(channel, CLOSE_S):
                channel.close()  # pyright: ignore[reportUnknownMemberType] pika leaves the result's type open

    def _log_refused(self, refused: Mapping[str, str]) -> None:
        """Log once of each queue why it cannot be declared; the others can."""
        for queue, reason in refused.items():
            if self.refused.get(queue) != reason:
                log.warning("queue.refused", queue=queue, reason=reason, hint="the other queues are used meanwhile")
        self.refused = dict(refused)

    def _pulse(self) -> None:
        """Answer heartbeats while there is nothing to do."""
        try:
            if self._connection:
                self._connection.process_data_events(0)
        except Exception as error:  # noqa: BLE001 (whatever it is, a new connection has not got it)
            if not isinstance(error, CONNECTION_ERRORS):
                log.error("publisher.fault", exc_info=error)
            self._disconnect()

    def _disconnect(self) -> None:
        connection, self._connection, self._confirms = self._connection, None, None
        if connection and connection.is_open:
            with suppress(Exception), ending_after(connection, CLOSE_S):
                connection.close()


def message_count(channel: BlockingChannel, queue: str) -> int:
    with ending_after(channel, CONFIRM_S):
        return channel.queue_declare(queue, passive=True).method.message_count


def connection_of(confirms: Confirms) -> BlockingConnection:
    channel: Any = confirms.channel  # pika declares too few of its types for a checker to follow
    return channel.connection


def outcomes_declared(confirms: Confirms) -> ChannelClosedByBroker | None:
    with ending_after(confirms.channel, CONFIRM_S):
        return topology.declare_outcomes(connection_of(confirms))


def offered(confirms: Confirms, *, messages: Sequence[Outgoing], until: float, patience_s: float) -> list[Confirmation]:
    return ["unanswered"] * len(messages) if time.monotonic() > until else confirms.offer(messages, patience_s)


def confirmed(confirms: Confirms, messages: Sequence[Outgoing], patience_s: float) -> int:
    ending = partial(ending_after, confirms.channel)
    confirmations = confirms.publish(messages, ending, patience_s)
    if returned := [number for number, item in enumerate(confirmations) if item == "returned"]:
        # A queue was deleted while we ran: everything is declared anew, once.
        with ending(DECLARE_S):
            topology.declare_each(connection_of(confirms))
        again = confirms.publish([messages[number] for number in returned], ending, patience_s)
        for index, confirmation in zip(returned, again, strict=True):
            confirmations[index] = confirmation
    return confirmed_of(confirmations)

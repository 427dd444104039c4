"""Whether the process still consumes: threads die silently, and a worker that does nothing looks like an idle one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

import dramatiq

from worker.amqp.consumer import BatchConsumer, NudgeConsumer
from worker.amqp.publisher import Publisher
from worker.amqp.subscription import name_of

LOOK_S = 1.0
#: A consumer that has not looked at its queue for this long hangs; whatever it does takes a few seconds at most.
SILENT_S = 30.0
#: One that consumes has looked at its queue within this time; it comes back every 0.2 s.
LATELY_S = 10.0


class Watch:
    """Looks at a worker's threads; what it finds dead stays dead, so the process must end and be started anew."""

    def __init__(
        self, worker: dramatiq.Worker, publisher: Publisher, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._worker = worker
        self.publisher = publisher
        self._clock = clock
        self._looked_at = self._began = clock()
        #: By queue: nobody is blamed for silence before.
        self._fair_since: dict[str, float] = {}

    def wait(self, ending: threading.Event, turn: Callable[[], None] = lambda: None) -> list[str]:
        """Wait until the process is told to end, or until something died: the answer names it."""
        while not ending.wait(LOOK_S):
            turn()
            if dead := self.look(now=self._clock()):
                return dead
        return []

    def look(self, *, now: float) -> list[str]:
        """What is dead, in words; silence while RabbitMQ was away or this process was frozen is nobody's fault."""
        is_unfair = self.publisher.is_away or now - self._looked_at > SILENT_S / 2
        for queue in list(self._worker.consumers):
            if is_unfair or self.publisher.presence.is_lost(name_of(queue)):
                self._fair_since[queue] = now
        self._looked_at = now
        return [*self._ended(), *self._silent(now)]

    def dead(self, _now: float) -> Iterable[str]:
        """Threads that have ended; from any thread."""
        return self._ended()

    def idle(self, now: float) -> Iterable[str]:
        """What keeps the process from consuming at this moment; from any thread."""
        for queue, thread in list(self._worker.consumers.items()):
            consumer = thread.consumer
            if not isinstance(consumer, BatchConsumer | NudgeConsumer):
                yield f"consumer of {queue}: not connected to RabbitMQ"
            elif now - consumer.looked_at > LATELY_S:
                yield f"consumer of {queue}: has not looked at its queue for {now - consumer.looked_at:.0f} s"
            elif fault := consumer.fault(now=now):
                yield f"consumer of {queue}: {fault}"

    def unsettled_s(self, queue: str) -> float:
        """How long nothing of this queue was settled while deliveries of it lay here; from any thread."""
        thread = self._worker.consumers.get(queue)
        consumer = thread.consumer if thread else None
        return consumer.progress.age_s(now=self._clock()) if isinstance(consumer, BatchConsumer) else 0.0

    def _ended(self) -> Iterable[str]:
        if not self.publisher.is_alive:
            yield "publisher"
        for number, thread in enumerate(self._worker.workers):
            if not thread.is_alive():
                yield f"worker thread {number}"
        for queue, thread in list(self._worker.consumers.items()):
            if not thread.is_alive():
                yield f"consumer of {queue}"

    def _silent(self, now: float) -> Iterable[str]:
        for queue, thread in list(self._worker.consumers.items()):
            consumer, fair_since = thread.consumer, self._fair_since.get(queue, self._began)
            looked_at = consumer.looked_at if isinstance(consumer, BatchConsumer | NudgeConsumer) else fair_since
            if now - max(looked_at, fair_since) > SILENT_S:
                yield f"consumer of {queue}: silent"

"""A worker's threads and consumers: threads die silently, and a worker that does nothing looks like an idle one."""

import time
from collections.abc import Callable

import dramatiq

from worker.amqp.consumer import BatchConsumer, NudgeConsumer
from worker.amqp.consumer_state import ConsumerState
from worker.amqp.publisher import Publisher
from worker.amqp.subscription import name_of
from worker.health.assessment import SILENT_S, ConsumerFacts, ThreadFacts

LOOK_S = 1.0


class Watchdog:
    """Knows which consumers' silence is excused; the main loop looks, any thread asks."""

    def __init__(
        self, worker: dramatiq.Worker, publisher: Publisher, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._worker = worker
        self.publisher = publisher
        self._clock = clock
        self._looked_at = self._began = clock()
        self._excused_at: dict[str, float] = {}

    def look(self) -> None:
        """Excuse every silence while RabbitMQ is away or right after this process was frozen."""
        now = self._clock()
        is_excuse = self.publisher.is_away or now - self._looked_at > SILENT_S / 2
        for queue in list(self._worker.consumers):
            if is_excuse or self.publisher.presence.is_lost(name_of(queue)):
                self._excused_at[queue] = now
        self._looked_at = now

    def threads(self) -> list[ThreadFacts]:
        return [
            ThreadFacts("publisher", self.publisher.is_alive),
            *(
                ThreadFacts(f"worker thread {nth}", worker_thread.is_alive())
                for nth, worker_thread in enumerate(self._worker.workers)
            ),
            *(
                ThreadFacts(f"consumer of {queue}", thread.is_alive())
                for queue, thread in list(self._worker.consumers.items())
            ),
        ]

    def consumers(self) -> list[ConsumerFacts]:
        return [
            ConsumerFacts(queue, state_of(thread.consumer), self._excused_at.get(queue, self._began))
            for queue, thread in list(self._worker.consumers.items())
        ]

    def unsettled_s(self, queue: str) -> float:
        """Seconds in which nothing of this queue was settled while deliveries of it lay here."""
        thread = self._worker.consumers.get(queue)
        state = state_of(thread.consumer) if thread else None
        since = state.unsettled_since if state else None
        return 0.0 if since is None else self._clock() - since


def state_of(consumer: object) -> ConsumerState | None:
    return consumer.state() if isinstance(consumer, BatchConsumer | NudgeConsumer) else None

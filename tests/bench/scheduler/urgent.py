"""Urgent events at an even pace, while something else keeps everybody busy."""

import asyncio
import threading
import time
from datetime import UTC, datetime

from tests.bench.events import Event, events
from tests.bench.generator import Crm
from tests.bench.measure import MARK
from tests.bench.stage import ACCOUNTS, Stage
from tests.support.waiting import PATIENCE_S, wait_until
from worker.amqp.topology import URGENT_RECORD_KINDS

#: Events a second, and how many are made beforehand: more than any drain leaves time for.
PACE, MOST = 20.0, 12_000


class Urgent:
    """Urgent events at an even pace, until stopped."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._ending = threading.Event()
        self._moments: dict[str, float] = {}
        self._made = urgent_events(MOST)
        self._thread = threading.Thread(target=self._run, name="urgent", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> list[float]:
        """From each publication to the moment when the provider had the POST, in ms, from the quickest on."""
        self._ending.set()
        self._thread.join(PATIENCE_S)
        moments = self._moments
        wait_until(lambda: moments.keys() <= self._arrived().keys(), "every urgent text is sent")
        arrived = self._arrived()
        return sorted((arrived[text] - at) * 1000 for text, at in moments.items())

    def _arrived(self) -> dict[str, float]:
        return {match[0]: at for text, at in self._stage.provider.texts() if (match := MARK.search(text))}

    def _run(self) -> None:
        asyncio.run(self._publish())

    async def _publish(self) -> None:
        crm = Crm(self._stage.servers.amqp_url)
        await crm.open()
        began = time.monotonic()
        for nth, event in enumerate(self._made):
            if (left := began + nth / PACE - time.monotonic()) > 0:
                await asyncio.sleep(left)
            if self._ending.is_set():
                break
            self._moments[event.mark] = await crm.publish(event)
        await crm.settle()


def urgent_events(count: int) -> list[Event]:
    """Orders and bookings of all accounts."""
    now = datetime.now(UTC)  # noqa: TID251 (a CRM has a clock of its own)
    made = events(0, count * 4, accounts=ACCOUNTS, now=now)
    return [event for event in made if event.routing_key.split(".")[1] in URGENT_RECORD_KINDS][:count]

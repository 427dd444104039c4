"""`python -m tests.bench.generator`: a CRM in a process of its own, that publishes with confirms.

It makes every body, prints `ready`, waits for a line on stdin, publishes, and answers with one JSON line: how many were
confirmed, and for each event the mark in its text with the moment of its publication. It stops at the first event that
is not confirmed.
"""

import argparse
import asyncio
import gc
import os
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

import orjson
import pika
from pika.adapters.asyncio_connection import AsyncioConnection
from pika.spec import Basic

from tests.bench.events import Event, events
from tests.bench.peers.messages import FORMS
from worker.settings.environment import AMQP

NACK: Any = Basic.Nack
#: Publications that wait for their confirm at once.
WINDOW = 2_000
CONFIRM_S = 60.0
#: Repeats that wait for their turn.
LATER = 300


class Crm:
    """One connection that publishes, without waiting for each confirm."""

    def __init__(self, url: str) -> None:
        self.published = 0
        self.faults: list[str] = []
        self._waiting: dict[int, None] = {}
        self._is_open = asyncio.Event()
        self._moved = asyncio.Event()
        self._channel: Any = None
        self._connection: Any = AsyncioConnection(
            pika.URLParameters(url), on_open_callback=self._opened, on_open_error_callback=self._failed
        )

    async def open(self) -> None:
        """Wait until it may publish."""
        await self._is_open.wait()
        self._check()

    async def publish(self, event: Event) -> float:
        """Hand an event to RabbitMQ; the moment when that was, by the steady clock."""
        while len(self._waiting) >= WINDOW:
            await self._news()
        at = time.monotonic()
        self._channel.basic_publish(event.exchange, event.routing_key, event.body, properties_of(event), mandatory=True)
        self.published += 1
        self._waiting[self.published] = None
        return at

    async def settle(self) -> None:
        """Wait until everything is confirmed."""
        while self._waiting:
            await self._news()

    async def _news(self) -> None:
        self._moved.clear()
        await asyncio.wait_for(self._moved.wait(), CONFIRM_S)
        self._check()

    def _check(self) -> None:
        if self.faults:
            raise SystemExit(f"RabbitMQ: {self.faults[0]}")

    def _opened(self, connection: Any) -> None:
        connection.channel(on_open_callback=self._channel_opened)

    def _channel_opened(self, channel: Any) -> None:
        self._channel = channel
        channel.add_on_return_callback(self._returned)
        channel.confirm_delivery(self._confirmed, callback=self._ready)

    def _ready(self, _frame: object) -> None:
        self._is_open.set()

    def _returned(self, *_what: object) -> None:
        self._failed(None, "an event was returned")

    def _confirmed(self, frame: Any) -> None:
        if isinstance(frame.method, NACK):
            self.faults.append("an event was not taken")
        tag: int = frame.method.delivery_tag
        # Two queues confirm each in its own order, so a single confirm may be ahead of others.
        for earlier in [
            number for number in takewhile(lambda number: number <= tag, self._waiting) if frame.method.multiple
        ]:
            del self._waiting[earlier]
        self._waiting.pop(tag, None)
        self._moved.set()

    def _failed(self, _connection: object, error: object) -> None:
        self.faults.append(str(error))
        self._is_open.set()
        self._moved.set()


def properties_of(event: Event) -> pika.BasicProperties:
    """What travels beside the body; every message is written to the disk."""
    return pika.BasicProperties(
        delivery_mode=2,
        content_type=event.content_type,
        content_encoding=event.content_encoding,
        headers=event.headers,
        correlation_id=event.correlation_id,
    )


async def publish(made: Sequence[Event], *, pace: float | None) -> dict[str, object]:
    """Publish them all: `pace` a second, whatever RabbitMQ does meanwhile, or as fast as it confirms."""
    crm = Crm(os.environ[AMQP])
    await crm.open()
    echo("ready")
    await asyncio.to_thread(sys.stdin.readline)
    began = time.monotonic()
    moments: list[tuple[str, float]] = []
    for nth, event in enumerate(made):
        if pace and (left := began + nth / pace - time.monotonic()) > 0:
            await asyncio.sleep(left)
        moments.append((event.mark, await crm.publish(event)))
        if nth % 50 == 0:
            await asyncio.sleep(0)
    await crm.settle()
    ended = time.monotonic()
    return {"confirmed": crm.published, "began_at": began, "ended_at": ended, "moments": moments}


def with_repeats(made: Iterable[Event], share: float) -> Iterator[Event]:
    """The events, and so many of them once more, some time later."""
    again: deque[Event] = deque()
    due = 0.0
    for event in made:
        yield event
        due += share / (1 - share)
        while due >= 1:
            again.append(event)
            due -= 1
        if len(again) > LATER:
            yield again.popleft()
    yield from again


def echo(text: str) -> None:
    """A line to whoever started us."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.generator", description=__doc__)
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--accounts", type=int, required=True)
    parser.add_argument("--pace", type=float, default=None)
    parser.add_argument("--repeats", type=float, default=0.0, help="the share that was published before")
    parser.add_argument("--for", dest="form", choices=FORMS, default="ours", help="whose messages")
    asked = parser.parse_args(arguments)
    now = datetime.now(UTC)  # noqa: TID251 (a CRM has a clock of its own)
    new = map(FORMS[asked.form], events(asked.first, asked.count, accounts=asked.accounts, now=now))
    made = list(with_repeats(new, asked.repeats))
    gc.freeze()
    echo(orjson.dumps(asyncio.run(publish(made, pace=asked.pace))).decode())


if __name__ == "__main__":
    main(sys.argv[1:])

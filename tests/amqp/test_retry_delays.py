import time
from collections.abc import Generator, Sequence
from datetime import date
from queue import SimpleQueue
from typing import Any

import pytest
from pika.adapters.blocking_connection import BlockingChannel

from tests.support.broker import depth
from tests.support.waiting import PATIENCE_S, wait_until
from worker.amqp import retry_delays
from worker.amqp.broker import SmsBroker, announce_away, announce_back
from worker.amqp.confirms import Outgoing
from worker.amqp.connection import Presence
from worker.amqp.messages import decode, nudge
from worker.amqp.publisher import Publisher
from worker.amqp.retry_delays import Delays
from worker.core.sending.nudge import Nudge

FIRST, SECOND, THIRD = (Outgoing("", "sms.normal", body) for body in (b"1", b"2", b"3"))
NEVER_S = 10_000


class Sent:
    """Takes what is published; the first time it may fail."""

    def __init__(self, *, fails: bool = False) -> None:
        self.all: SimpleQueue[Outgoing] = SimpleQueue()
        self.fails = fails

    def __call__(self, messages: Sequence[Outgoing]) -> None:
        if self.fails:
            self.fails = False
            raise OSError
        for message in messages:
            self.all.put(message)


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def waiting(sent: Sent) -> Generator[Delays]:
    delays = Delays(sent)
    yield delays
    delays.close()


def test_a_delayed_message_goes_out_when_its_time_has_come(waiting: Delays, sent: Sent) -> None:
    waiting.add(THIRD, seconds=NEVER_S)
    waiting.add(SECOND, seconds=0.2)
    waiting.add(FIRST, seconds=0)

    assert [sent.all.get(timeout=PATIENCE_S) for _ in range(2)] == [FIRST, SECOND]
    assert sent.all.empty()


def test_delayed_messages_go_out_at_the_end(waiting: Delays, sent: Sent) -> None:
    waiting.add(SECOND, seconds=2 * NEVER_S)
    waiting.add(FIRST, seconds=NEVER_S)

    waiting.close()

    assert [sent.all.get(timeout=PATIENCE_S) for _ in range(2)] == [FIRST, SECOND]


def test_a_retry_that_cannot_be_published_keeps_no_other_back() -> None:
    sent = Sent(fails=True)
    waiting = Delays(sent)

    waiting.add(FIRST, seconds=0)
    wait_until(lambda: not sent.fails, "the first is lost")
    waiting.add(SECOND, seconds=0)

    assert sent.all.get(timeout=PATIENCE_S) == SECOND
    waiting.close()


def test_more_than_the_memory_should_bear_are_the_sweepers(
    monkeypatch: pytest.MonkeyPatch, waiting: Delays, sent: Sent
) -> None:
    monkeypatch.setattr(retry_delays, "MOST", 1)

    waiting.add(FIRST, seconds=NEVER_S)
    waiting.add(SECOND, seconds=NEVER_S)
    waiting.close()

    assert (sent.all.get(timeout=PATIENCE_S), sent.all.empty()) == (FIRST, True)


def test_a_retry_returns_to_its_queue_despite_a_jump_of_the_clock(
    amqp_url: str, channel: BlockingChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = Publisher(amqp_url)
    presence = Presence(announce_away, announce_back)
    broker = SmsBroker(amqp_url, shares={}, publisher=publisher, presence=presence, obstacle=lambda: None)
    message = decode(nudge(Nudge("normal", ((date(2026, 11, 1), 5),))).body, "sms.normal")
    now = time.time
    with monkeypatch.context() as hour_ahead:
        hour_ahead.setattr(time, "time", lambda: now() + 3_600)
        broker.enqueue(message, delay=100)
    wait_until(lambda: depth(amqp_url, "sms.normal"), "it is published")

    body: Any = channel.basic_get("sms.normal")[2]
    assert decode(body, "sms.normal").args == message.args
    broker.delays.close()
    publisher.close()

"""What is left when a fault is over: the publisher's log, the provider's log, rows, dead letters, queues."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pika
from pika.exceptions import ChannelClosedByBroker

from tests.faults.harness.events import Publication
from tests.support.crm import rows
from tests.support.simulated_provider import Provider
from worker.amqp.topology import QUEUES
from worker.store.db.postgres import Pool

NOTIFICATIONS = """
SELECT month || '/' || id, account, coalesce(phone, ''), text, state, coalesce(reason, ''), due_at FROM notifications
"""
#: An attempt's key, and whether its bytes still wait for an answer.
ATTEMPTS = "SELECT key, settled_at IS NULL FROM attempts"
DEAD_LETTERS = """
SELECT
    kind, reason, coalesce(event_id, ''), coalesce(body_hash, hash),
    length(detail) > 0 AND times > 0 AND last_at >= created_at
    AND octet_length(head) = least(size, 4096)
FROM dead_letters
"""
EVENTS = "SELECT event_id FROM events"


@dataclass(frozen=True, slots=True)
class Message:
    """A message that the provider took; `at` in seconds since the epoch."""

    recipient: str
    text: str
    key: str | None
    at: float


@dataclass(frozen=True, slots=True)
class Notification:
    """A row of ours; `id` has its month, the phone is as the provider writes it."""

    id: str
    account: str
    phone: str
    text: str
    state: str
    reason: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SeenDeadLetter:
    """A dead letter; `is_whole` when it has a detail, counts, times and the head of its bytes."""

    letter_kind: str
    reason: str
    event_id: str
    hash: bytes
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the checker joins; `attempts` has for each key whether it still waits for an answer."""

    confirmed: Sequence[Publication]
    messages: Sequence[Message] = ()
    notifications: Sequence[Notification] = ()
    attempts: Mapping[str, bool] = field(default_factory=dict[str, bool])
    dead_letters: Sequence[SeenDeadLetter] = ()
    events: frozenset[str] = frozenset()
    queues: Mapping[str, int] = field(default_factory=dict[str, int])


def collect(pool: Pool, provider: Provider, amqp_url: str, confirmed: Sequence[Publication]) -> Evidence:
    """Read it all."""
    return Evidence(
        confirmed=confirmed,
        messages=messages(provider),
        notifications=[Notification(*row) for row in map(digits, rows(pool, NOTIFICATIONS))],
        attempts=dict(rows(pool, ATTEMPTS)),
        dead_letters=[SeenDeadLetter(*row) for row in rows(pool, DEAD_LETTERS)],
        events=frozenset(row[0] for row in rows(pool, EVENTS)),
        queues=depths(amqp_url),
    )


def messages(provider: Provider) -> list[Message]:
    """The provider's log."""
    return [
        Message(message["recipient"], message["text"], message["sequence_id"], message["created_at"])
        for message in provider.messages()
    ]


def digits(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The phone without its plus."""
    return (*row[:2], row[2].removeprefix("+"), *row[3:])


def depths(amqp_url: str) -> dict[str, int]:
    """What lies ready in each queue that is not empty."""
    connection = pika.BlockingConnection(pika.URLParameters(amqp_url))
    try:
        return {queue: lying for queue in QUEUES if (lying := depth(connection, queue))}
    finally:
        connection.close()


def depth(connection: Any, queue: str) -> int:
    """What lies ready in a queue; a queue that does not exist is empty."""
    channel = connection.channel()
    with suppress(ChannelClosedByBroker):
        message_count: int = channel.queue_declare(queue, passive=True).method.message_count
        channel.close()
        return message_count
    return 0

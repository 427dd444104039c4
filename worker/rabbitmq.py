"""Connecting to RabbitMQ, and saying once that it is away and once that it is back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pika
import pika.data
from pika.adapters.utils import io_services_utils
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import AMQPError

HEARTBEAT_S = 30
SOCKET_TIMEOUT_S = 5
#: What pika raises when a connection or a channel is gone; AssertionError is its word for "used after the end", and
#: a handshake that nobody answers is none of its AMQPErrors.
GONE = (AMQPError, AMQPConnectorException, AssertionError, OSError)

Say = Callable[..., object]
Decode = Callable[[bytes, int], tuple[object, int]]


def total(decode: Decode) -> Decode:
    """Pika's reader of header values, made total: a timestamp in milliseconds, a NaN, a deep nest is read as nothing.

    As it stands one such header closes the connection, and the message that carries it comes again for ever.
    """

    def decode_value(encoded: bytes, offset: int) -> tuple[object, int]:
        try:
            return decode(encoded, offset)
        except (ValueError, OverflowError, OSError, RecursionError):
            skipped = width(encoded, offset)
            if skipped is None:
                raise
            return None, offset + skipped

    return decode_value


def width(encoded: bytes, offset: int) -> int | None:
    """Bytes of a header value that may defeat pika, with its type (https://www.rabbitmq.com/docs/amqp-0-9-1-errata)."""
    match encoded[offset : offset + 1]:
        case b"T" | b"d":
            return 9
        case b"f":
            return 5
        case b"A" | b"F":
            return 5 + int.from_bytes(encoded[offset + 1 : offset + 5], "big")
        case _:
            return None


pika.data.decode_value = total(pika.data.decode_value)
#: pika reads 4 KB at a time, which is one event or two, and has no setting for it.
READ_AT_ONCE = 64 * 1024
transport: Any = io_services_utils
transport._AsyncTransportBase._MAX_RECV_BYTES = READ_AT_ONCE  # noqa: SLF001 (as said)


def parameters(url: str, *, name: str, blocked_after_s: float | None = None) -> pika.URLParameters:
    """Connection parameters; `blocked_after_s` ends a publisher's wait under a memory or disk alarm."""
    found = pika.URLParameters(url)
    found.heartbeat = HEARTBEAT_S
    found.socket_timeout = SOCKET_TIMEOUT_S
    found.stack_timeout = 2 * SOCKET_TIMEOUT_S
    found.blocked_connection_timeout = blocked_after_s
    found.client_properties = {"connection_name": name}
    return found


def nothing(**_facts: object) -> None:
    """Say nothing."""


class Presence:
    """Whether RabbitMQ is there, said once for a whole process, however many connections notice.

    Each of them takes back only what it said itself: a queue that cannot be consumed is no matter of the publisher's.
    """

    def __init__(self, away: Say = nothing, back: Say = nothing) -> None:
        self._lock = threading.Lock()
        self._lost: set[str] = set()
        self._away = away
        self._back = back

    def is_lost(self, who: str) -> bool:
        """Whether the last that this connection heard of RabbitMQ was its absence."""
        return who in self._lost

    def lost(self, who: str, error: BaseException) -> None:
        """A connection could not be made or was lost."""
        with self._lock:
            if not self._lost:
                self._away(reason=words(error))
            self._lost.add(who)

    def found(self, who: str) -> None:
        """A connection was made, or RabbitMQ answered on it."""
        with self._lock:
            if who in self._lost:
                self._lost.remove(who)
                if not self._lost:
                    self._back()


def words(error: BaseException) -> str:
    """What RabbitMQ or the socket said; a queue that stands there with other arguments is named by RabbitMQ."""
    reply: object = getattr(error, "reply_text", None)
    return f"{type(error).__name__}: {reply}" if reply else type(error).__name__

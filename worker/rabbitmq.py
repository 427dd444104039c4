"""Connecting to RabbitMQ, and saying once that it is away and once that it is back."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pika
import pika.data
from pika.exceptions import AMQPError

HEARTBEAT_S = 30
SOCKET_TIMEOUT_S = 5
#: What pika raises when a connection or a channel is gone; AssertionError is its word for "used after the end".
GONE = (AMQPError, AssertionError, OSError)

Say = Callable[..., object]
Decode = Callable[[bytes, int], tuple[object, int]]
#: Header values whose bytes pika may not be able to turn into a Python value, and how many bytes they take.
FRAGILE = {b"T": 8, b"d": 8, b"f": 4}


def total(decode: Decode) -> Decode:
    """Pika's reader of header values, made total: a timestamp in milliseconds or a NaN is read as nothing.

    As it stands one such header closes the connection, and the message that carries it comes again for ever.
    """

    def decode_value(encoded: bytes, offset: int) -> tuple[object, int]:
        try:
            return decode(encoded, offset)
        except (ValueError, OverflowError, OSError):
            width = FRAGILE.get(encoded[offset : offset + 1])
            if width is None:
                raise
            return None, offset + 1 + width

    return decode_value


pika.data.decode_value = total(pika.data.decode_value)


def parameters(url: str, *, name: str, blocked_after_s: float | None = None) -> pika.URLParameters:
    """Connection parameters; `blocked_after_s` ends a publisher's wait under a memory or disk alarm."""
    found = pika.URLParameters(url)
    found.heartbeat = HEARTBEAT_S
    found.socket_timeout = SOCKET_TIMEOUT_S
    found.stack_timeout = 2 * SOCKET_TIMEOUT_S
    found.blocked_connection_timeout = blocked_after_s
    found.client_properties = {"connection_name": name}
    return found


class Presence:
    """Whether RabbitMQ is there, said once for a whole process, however many connections notice."""

    def __init__(self, away: Say, back: Say) -> None:
        self._lock = threading.Lock()
        self._is_away = False
        self._away = away
        self._back = back

    def lost(self, error: BaseException) -> None:
        """A connection could not be made or was lost."""
        with self._lock:
            if not self._is_away:
                self._is_away = True
                self._away(reason=words(error))

    def found(self) -> None:
        """A connection was made."""
        with self._lock:
            if self._is_away:
                self._is_away = False
                self._back()


def words(error: BaseException) -> str:
    """What RabbitMQ or the socket said; a queue that stands there with other arguments is named by RabbitMQ."""
    reply: object = getattr(error, "reply_text", None)
    return f"{type(error).__name__}: {reply}" if reply else type(error).__name__

"""Connecting to RabbitMQ, and saying once that it is away and once that it is back."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pika
from pika.exceptions import AMQPError

HEARTBEAT_S = 30
SOCKET_TIMEOUT_S = 5
#: What pika raises when a connection or a channel is gone; AssertionError is its word for "used after the end".
GONE = (AMQPError, AssertionError, OSError)

Say = Callable[..., object]


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

"""Connections of an HTTP server: bounded in number and time; silent ones make room for others."""

from __future__ import annotations

import asyncio
import resource
import time
from itertools import chain
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from worker.logs.setup import log

#: Files that the process needs for everything else.
KEPT_FILES = 124
CONNECTIONS_MIN = 8
#: Within this time the head of a request must be here.
HEAD_S = 10.0
#: Within this time a request must be answered, and its answer handed to the system.
EXCHANGE_S = 20.0
#: How often the same warning is logged at most.
SELDOM_S = 60.0


def room_for(most: int) -> int:
    """How many connections there may be of those wanted, as the process may have few files open."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(CONNECTIONS_MIN, min(most, files - KEPT_FILES))


class ConnectionPool:
    """Silent connections in the order in which they fell silent; used in the event loop only."""

    def __init__(self, name: str, most: int) -> None:
        self._name = name
        self._most = most
        self._new: dict[BoundedProtocol, None] = {}
        self._kept: dict[BoundedProtocol, None] = {}
        self._warned_at: dict[str, float] = {}

    def add_new(self, connection: BoundedProtocol) -> None:
        """Add a connection without a request; where there are too many, close the one silent for longest."""
        self._new[connection] = None
        if len(connection.connections) < self._most:
            return
        self.close_longest_silent(but=connection)
        self.warn("http.crowded", connections=self._most, hint="silent connections are closed for others")

    def add_kept(self, connection: BoundedProtocol) -> None:
        """Add a connection kept for another request; it is closed only once every new one has been."""
        self._kept[connection] = None

    def remove(self, connection: BoundedProtocol) -> None:
        self._new.pop(connection, None)
        self._kept.pop(connection, None)

    def close_longest_silent(self, *, but: BoundedProtocol | None = None) -> bool:
        """Close the connection silent for longest; whether there was one."""
        longest = next(chain(self._new, self._kept), None)
        if longest is None or longest is but:
            return False
        longest.abort()
        return True

    def warn(self, event: str, **facts: object) -> None:
        """Log a warning at most every `SELDOM_S`."""
        now = time.monotonic()
        if now - self._warned_at.get(event, float("-inf")) >= SELDOM_S:
            self._warned_at[event] = now
            log.warning(event, server=self._name, **facts)


class BoundedProtocol(H11Protocol):
    """One connection; it is silent from its start, or its last answer, until the head of a request is whole."""

    def __init__(self, pool: ConnectionPool, **given: Any) -> None:  # noqa: ANN401 (what uvicorn gives to a protocol)
        super().__init__(**given)
        self._pool = pool
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] as uvicorn's
        super().connection_made(transport)
        self._pool.add_new(self)
        self._expect_within(HEAD_S)

    def data_received(self, data: bytes) -> None:
        """Read on; the deadline of a head runs from its first byte, that of an exchange from the head's end."""
        was_in_work = self._is_in_work
        if self._deadline is None:
            self._expect_within(HEAD_S)
        super().data_received(data)
        if self._is_in_work and not was_in_work:
            self._pool.remove(self)
            self._expect_within(EXCHANGE_S)

    def on_response_complete(self) -> None:
        """Keep the connection, or go on with the next request that has come already."""
        self._expect_nothing()
        super().on_response_complete()
        if self._is_in_work:
            self._expect_within(EXCHANGE_S)
        elif not self.transport.is_closing():
            self._pool.add_kept(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        self._pool.remove(self)
        super().connection_lost(exc)

    def abort(self) -> None:
        """Close it at once; from now on it counts no more, though the loop reports its loss only later."""
        self._expect_nothing()
        self._pool.remove(self)
        self.connections.discard(self)
        self.transport.abort()

    @property
    def _is_in_work(self) -> bool:
        # uvicorn leaves it None until the first request.
        cycle: Any = self.cycle
        return cycle is not None and not cycle.response_complete

    def _expect_within(self, seconds: float) -> None:
        self._expect_nothing()
        self._deadline = self.loop.call_later(seconds, self.abort)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

"""Connections to the door of callbacks: bounded, and those that say nothing make room for others."""

from __future__ import annotations

import asyncio
import errno
import resource
import socket
import time
from collections.abc import Mapping
from itertools import chain
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from worker.logs.setup import log

#: Connections at a time, where the process may have so many files open; who comes when all are at work gets a 503.
CONNECTIONS_MAX = 900
#: Files that the process needs for everything else.
KEPT_FILES = 124
CONNECTIONS_MIN = 8
#: Within this time the head of a request must be here.
HEAD_S = 10.0
#: Connections taken from the system at one turn: so many may be beyond the bound for a moment.
ACCEPT_AT_ONCE = 16
#: How often a crowd is said at most.
SELDOM_S = 60.0
EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


def room() -> int:
    """How many connections there may be."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(CONNECTIONS_MIN, min(CONNECTIONS_MAX, files - KEPT_FILES))


class Crowd:
    """Those that say nothing, who has been silent for longest first. All of it belongs to the event loop."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._strangers: dict[Caller, None] = {}
        self._resting: dict[Caller, None] = {}
        self._said_at: dict[str, float] = {}

    def enters(self, caller: Caller) -> None:
        """It has said nothing yet."""
        self._strangers[caller] = None

    def rests(self, caller: Caller) -> None:
        """It was answered, and may ask again: it goes only once every stranger has gone."""
        self._resting[caller] = None

    def speaks(self, caller: Caller) -> None:
        """It asks for something, or has left."""
        self._strangers.pop(caller, None)
        self._resting.pop(caller, None)

    def make_room(self, newcomer: Caller, connections: int) -> None:
        """Send the one away that has been silent for longest, where there are too many."""
        if connections < self.most:
            return
        longest = next(chain(self._strangers, self._resting), None)
        if longest is not None and longest is not newcomer:
            self.speaks(longest)
            longest.leave()
        self.say("callbacks.crowded", connections=self.most, hint="silent connections are closed for others")

    def say(self, what: str, **facts: object) -> None:
        """A line, and the same again only after a while."""
        now = time.monotonic()
        if now - self._said_at.get(what, float("-inf")) >= SELDOM_S:
            self._said_at[what] = now
            log.warning(what, **facts)


class Caller(H11Protocol):
    """One connection; it is silent from its start, or its last answer, until the head of a request is whole."""

    def __init__(self, crowd: Crowd, **given: Any) -> None:  # noqa: ANN401 (what uvicorn gives to a protocol)
        super().__init__(**given)
        self._crowd = crowd
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] as uvicorn's
        """Somebody came."""
        super().connection_made(transport)
        self._crowd.enters(self)
        self._crowd.make_room(self, len(self.connections))
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Something was said; the deadline runs from its first byte."""
        if self._deadline is None and not self._is_heard:
            self._expect_head()
        super().data_received(data)
        if self._is_heard:
            self._crowd.speaks(self)
            self._forget_deadline()

    def on_response_complete(self) -> None:
        """It was answered."""
        super().on_response_complete()
        if not self._is_heard and not self.transport.is_closing():
            self._crowd.rests(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._forget_deadline()
        self._crowd.speaks(self)
        super().connection_lost(exc)

    def leave(self) -> None:
        """Close it at once; from now on it counts no more."""
        self._forget_deadline()
        # The loop tells of its loss later; until then it must not be taken for one that could make room.
        self._crowd.speaks(self)
        self.connections.discard(self)
        self.transport.abort()

    @property
    def _is_heard(self) -> bool:
        """Whether a request is in hand."""
        # uvicorn leaves it None until the first one.
        cycle: Any = self.cycle
        return cycle is not None and not cycle.response_complete

    def _expect_head(self) -> None:
        self._deadline = self.loop.call_later(HEAD_S, self.leave)

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class Server(uvicorn.Server):
    """uvicorn's, which takes few connections at a turn, and says once that none can be taken."""

    def __init__(self, config: uvicorn.Config, crowd: Crowd) -> None:
        super().__init__(config)
        self._crowd = crowd

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        asyncio.get_running_loop().set_exception_handler(self._say)
        await super().startup(sockets)
        for listener in sockets or ():
            # The system holds more of them for us than we take at a turn.
            listener.listen(CONNECTIONS_MAX)

    def _say(self, loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in EXHAUSTED:
            self._crowd.say("callbacks.unaccepted", reason=error.strerror, hint="raise the limit of open files")
        else:
            loop.default_exception_handler(dict(context))

"""Doors that lose something: the answer to a COMMIT, or the rest of a stream in the middle of a frame."""

import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress
from random import Random
from typing import TypeVar

from tests.support.tcp_proxy import Door

COMMIT = b"COMMIT"
D = TypeVar("D", bound=Door)


class CommitDoor(Door):
    """Cuts a connection at the first byte of the answer to a COMMIT, each with this chance; `cuts` counts them."""

    def __init__(self, url: str, random: Random, *, chance: float) -> None:
        super().__init__(url)
        self.cuts = 0
        self._random = random
        self.chance = chance
        self._doomed: set[socket.socket] = set()

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            # An answer names the COMMIT too.
            asks = sink.getpeername()[1] == self._parts.port
            while piece := source.recv(65_536):
                if source in self._doomed:
                    self.cuts += 1
                    break
                if asks and COMMIT in piece and self._random.random() < self.chance:
                    self._doomed.add(sink)
                sink.sendall(piece)
        self._doomed -= {source, sink}
        end(source, sink)


class BrittleDoor(Door):
    """Passes on so many bytes to the server, and cuts there, wherever it may be."""

    def __init__(self, url: str, *, length: int) -> None:
        super().__init__(url)
        self._left = length

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            asks = sink.getpeername()[1] == self._parts.port
            while piece := source.recv(65_536):
                passed = piece[: self._left] if asks else piece
                sink.sendall(passed)
                self._left -= len(passed) if asks else 0
                if not self._left:
                    break
        end(source, sink)


def end(*sockets: socket.socket) -> None:
    """Nothing goes through them any more."""
    for connection in sockets:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def opened(made: D) -> Generator[D]:
    """The door, open."""
    made.open()
    try:
        yield made
    finally:
        made.shut()

"""A network link to a server that fails as networks do: a reset, or silence without end."""

import socket
import struct
from collections.abc import Generator
from contextlib import contextmanager, suppress

from tests.support.tcp_proxy import Door

NO_GOODBYE = struct.pack("ii", 1, 0)


class Link(Door):
    """A door whose connections may also be reset, or be forgotten as by a router that was restarted."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._dead: set[socket.socket] = set()

    def reset(self) -> None:
        """Both ends of every connection get an RST; new connections pass."""
        cut, self._sockets = self._sockets, []
        self._dead.update(cut)
        for connection in cut:
            with suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_GOODBYE)
                connection.shutdown(socket.SHUT_RD)
            connection.close()

    def clear(self) -> None:
        """Lose all bytes of the connections that exist now, unnoticed by both ends; new connections pass."""
        self._dead.update(self._sockets)

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65_536):
                if not self.swallows and source not in self._dead:
                    sink.sendall(piece)
        if source in self._dead:
            return
        for connection in (source, sink):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def link(url: str) -> Generator[Link]:
    """A link that is still down."""
    made = Link(url)
    try:
        yield made
    finally:
        made.shut()

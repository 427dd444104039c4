"""A TCP door to a server that can be shut and opened again."""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit, urlunsplit

#: How many of the first bytes of each client are kept.
GREETING = 2_048


class Door:
    """Forwards bytes while open; shut, it refuses new connections and cuts those it has.

    While it `swallows`, it takes bytes and passes none on, like a frozen server.
    """

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port: int = free.getsockname()[1]
        self._listener: socket.socket | None = None
        self._sockets: list[socket.socket] = []
        self._greetings: dict[socket.socket, bytearray] = {}
        self.swallows = False
        self._flow = threading.Event()
        self._flow.set()

    @property
    def url(self) -> str:
        """The server's URL through this door."""
        user = f"{self._parts.username}:{self._parts.password}@"
        return urlunsplit(self._parts._replace(netloc=f"{user}127.0.0.1:{self._port}"))

    @property
    def greetings(self) -> list[bytes]:
        """The first bytes of each client that ever came."""
        return [bytes(greeting) for greeting in self._greetings.values()]

    def open(self) -> None:
        """Let connections through."""
        self._listener = socket.create_server(("127.0.0.1", self._port), reuse_port=True)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def shut(self) -> None:
        """Refuse and cut."""
        listener, self._listener = self._listener, None
        cut, self._sockets = [listener, *self._sockets], []
        for connection in cut:
            if connection:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
                connection.close()

    @contextmanager
    def slow(self) -> Generator[None]:
        """Let what comes wait until the end of the block, then pass it on."""
        self._flow.clear()
        try:
            yield
        finally:
            self._flow.set()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
                server = socket.create_connection((str(self._parts.hostname), int(self._parts.port or 0)))
            except OSError:
                return
            self._sockets += [client, server]
            self._greetings[client] = bytearray()
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._forward, args=(source, sink), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        greeting = self._greetings.get(source)
        with suppress(OSError):
            while piece := source.recv(65_536):
                if greeting is not None and len(greeting) < GREETING:
                    greeting += piece[:GREETING]
                self._flow.wait()
                if not self.swallows:
                    sink.sendall(piece)
        for connection in (source, sink):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def door(url: str) -> Generator[Door]:
    """A door that is still shut."""
    made = Door(url)
    try:
        yield made
    finally:
        made.shut()

"""The HTTP server: a Starlette application on uvicorn in a thread, which accepts connections itself to bound them."""

import asyncio
import errno
import os
import socket
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute

from worker.logs.setup import log
from worker.settings.environment import Address
from worker.web.connection_limits import BoundedProtocol, ConnectionPool

#: Connections that the system holds until they are accepted.
BACKLOG = 900
#: Of every answer, this server's own included: no browser guesses what it is, or tells others where it was.
HEADERS = [("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer")]
#: How often the date of answers is renewed.
TICK_S = 1.0
#: How long nothing is accepted after a failure that no closed connection can end.
PAUSE_S = 0.1
EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class ListenError(Exception):
    """The address cannot be had; the sentence is for an operator."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers at an address, in a thread."""

    at: Address
    thread: threading.Thread


def listener_at(at: Address, setting: str, *, may_move: bool = False) -> socket.socket:
    """A socket at this address; where another process holds it and it may move, at a free port beside.

    Raises:
        ListenError: the address that `setting` asks for cannot be had.
    """
    family = socket.AF_INET6 if ":" in at.host else socket.AF_INET
    try:
        listener = socket.create_server((at.host, at.port), family=family, backlog=BACKLOG)
    except OSError as error:
        if may_move and error.errno == errno.EADDRINUSE:
            return listener_at(Address(at.host, 0), setting)
        reason = error.strerror or errno.errorcode.get(error.errno or 0, type(error).__name__)
        hint = f"Give another address by {setting}, or end what holds it."
        raise ListenError(f"{setting}: {at} cannot be listened at ({reason}). {hint}") from None
    # Connections inherit it; without it an answer's second packet waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setblocking(False)  # noqa: FBT003 (the socket's own name)
    return listener


@contextmanager
def serving(
    listener: socket.socket, routes: Sequence[BaseRoute], *, name: str, most: int, drain_s: float
) -> Generator[Running]:
    """Answer in a thread on at most so many connections; at the end requests in work have `drain_s` to be answered."""
    config = uvicorn.Config(
        Starlette(routes=routes, exception_handlers={Exception: answer_failure}),
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        # Above what proxies keep connections for, so that none is closed while a request is on its way to us.
        timeout_keep_alive=75,
        headers=HEADERS,
        timeout_graceful_shutdown=int(drain_s),
        limit_concurrency=most,
    )
    # Its modules are imported now: later the process may be unable to open their files.
    config.load()
    server = Server(config, ConnectionPool(name, most))
    thread = threading.Thread(target=server.run, args=([listener],), name=name, daemon=True)
    at = Address(*listener.getsockname()[:2])
    thread.start()
    server.begun.wait()
    try:
        yield Running(at, thread)
    finally:
        server.end()
        thread.join(drain_s)
        listener.close()


async def answer_failure(_request: Request, error: Exception) -> Response:
    """Log what broke; the client learns only that something did."""
    log.error("http.fault", exc_info=error)
    return PlainTextResponse("Internal Server Error\n", 500)


class Server(uvicorn.Server):
    """uvicorn's server, which accepts one connection after another, even when the process may open no file more."""

    def __init__(self, config: uvicorn.Config, pool: ConnectionPool) -> None:
        super().__init__(config)
        self._pool = pool
        self._spare = SpareFile()
        #: It accepts connections, or has ended without.
        self.begun = threading.Event()
        self._ending = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._accepting: asyncio.Task[None] | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            super().run(sockets)
        finally:
            self.begun.set()

    def end(self) -> None:
        """Accept no more and finish what is in work; from any thread."""
        self.should_exit = True
        if self._loop:
            with suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._ending.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup([])
        self._spare.hold()
        self._accepting = self._loop.create_task(self._accept(*sockets or ()))
        self.begun.set()

    async def main_loop(self) -> None:
        """Wait for the end; uvicorn's own loop wakes ten times a second."""
        while not (self.should_exit or (self._accepting and self._accepting.done())):
            await self.on_tick(0)
            self._spare.hold()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), TICK_S)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the listener, then the connections once they are answered."""
        if self._accepting:
            self._accepting.cancel()
            await asyncio.wait([self._accepting])
        self._spare.release()
        await super().shutdown(sockets)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await arrival(listener)
            try:
                connection, _ = listener.accept()
            except OSError as error:
                await self._recover(error)
                continue
            connection.setblocking(False)  # noqa: FBT003 (the socket's own name)
            with suppress(OSError):  # the client has left already
                await loop.connect_accepted_socket(self._protocol, connection)
            self._spare.hold()

    async def _recover(self, error: OSError) -> None:
        """Make it possible to accept again: by the spare file, by a silent connection's, else by waiting."""
        if error.errno in EXHAUSTED:
            self._pool.warn("http.unaccepted", reason=error.strerror, hint="raise the limit of open files")
            if self._spare.release():
                return
            if self._pool.close_longest_silent():
                # The loop closes its socket at its next turn.
                await asyncio.sleep(0)
                return
        await asyncio.sleep(PAUSE_S)

    def _protocol(self) -> BoundedProtocol:
        return BoundedProtocol(
            self._pool,
            config=self.config,
            server_state=self.server_state,
            # A stream that is never answered to its end must know of ours.
            app_state={**self.lifespan.state, "ending": self._ending},
        )


async def arrival(listener: socket.socket) -> None:
    """Wait for a connection: where no file is free, the system refuses to accept even if there is none."""
    loop, arrived = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(listener, arrived.set)
    try:
        await arrived.wait()
    finally:
        loop.remove_reader(listener)


class SpareFile:
    """A file kept open until the process may open no other: a connection is accepted in its stead."""

    def __init__(self) -> None:
        self._file: int | None = None

    def hold(self) -> None:
        if self._file is None:
            with suppress(OSError):
                self._file = os.open(os.devnull, os.O_RDONLY)

    def release(self) -> bool:
        file, self._file = self._file, None
        if file is not None:
            os.close(file)
        return file is not None

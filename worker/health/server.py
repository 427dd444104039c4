"""The HTTP door of a process: a few small answers, each on a connection of its own, none of which can be held open."""

from __future__ import annotations

import errno
import os
import select
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler

from worker.logs.setup import log
from worker.settings.environment import LISTEN, Address

#: Seconds that one exchange may take in all, and each of its reads and writes.
EXCHANGE_S = 5.0
#: Exchanges at a time; one more takes the place of who has been silent for longest.
AT_ONCE = 64
#: Connections that the system holds until their turn comes.
IN_LINE = 128
#: How often the door looks at its clock.
LOOK_S = 0.5
#: How long it waits after a connection could not be taken, and how often that is said at most.
PAUSE_S = 0.1
SELDOM_S = 60.0
EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class ListenError(Exception):
    """The address cannot be had; the sentence is for an operator."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said at one place."""

    status: HTTPStatus
    content_type: str
    body: bytes


#: What answers at a place; it gets the request's `Accept`.
Place = Callable[[str], Reply]


class Exchange(BaseHTTPRequestHandler):
    """One request and its answer; HTTP/1.0, so the connection ends with it."""

    server: Server  # pyright: ignore[reportIncompatibleVariableOverride] its own kind of server
    timeout = EXCHANGE_S
    server_version = "perfectum-sms"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer what is asked for."""
        self.server.heard(self.connection)
        place = self.server.places.get(self.path.partition("?")[0])
        if place is None:
            known = ", ".join(self.server.places)
            self._say(Reply(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", f"Look at {known}.\n".encode()))
        else:
            self._say(place(self.headers.get("Accept", "")))

    do_HEAD = do_GET  # noqa: N815 (http.server's own names)

    def _say(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (http.server's own name)
        """Who looks in is not worth a line."""


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """A thread for each exchange, few at once; who dawdles is cut off, who says nothing makes room for others."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = IN_LINE

    def __init__(self, at: Address, places: Mapping[str, Place]) -> None:
        self.places = places
        self._until: dict[socket.socket, float] = {}
        self._heard: set[socket.socket] = set()
        self._said_at = float("-inf")
        self._spare: int | None = None
        self.address_family = socket.AF_INET6 if ":" in at.host else socket.AF_INET
        super().__init__((at.host, at.port), Exchange)
        #: Kept for the day on which the process may open no other: a probe is answered even then.
        self._spare = os.open(os.devnull, os.O_RDONLY)

    def get_request(self) -> tuple[socket.socket, object]:
        """The next connection.

        Raises:
            OSError: it cannot be taken; it is tried again after a pause, for it stays in line.
        """
        try:
            return super().get_request()
        except OSError as error:
            if error.errno not in EXHAUSTED:
                raise
            self._say(error)
            if self._spare is None:
                self._cut_silent()
                time.sleep(PAUSE_S)
                raise
            self._give_spare()
            return super().get_request()

    def process_request(self, request: socket.socket, client_address: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] TCP only
        """Let somebody in, if there is room."""
        if len(self._until) >= AT_ONCE and not self._cut_silent():
            request.close()
            return
        self._until[request] = time.monotonic() + EXCHANGE_S
        super().process_request(request, client_address)

    def heard(self, request: socket.socket) -> None:
        """A request is whole; who asked is not silent."""
        self._heard.add(request)

    def shutdown_request(self, request: socket.socket) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] likewise
        """The exchange is over."""
        self._until.pop(request, None)
        self._heard.discard(request)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Cut off who takes too long; its thread then ends by itself."""
        for request, until in list(self._until.items()):
            if until < time.monotonic():
                self._cut(request)
        if self._spare is None:
            with suppress(OSError):
                self._spare = os.open(os.devnull, os.O_RDONLY)

    def server_close(self) -> None:
        """Listen no more."""
        super().server_close()
        self._give_spare()

    def _is_silent(self, request: socket.socket) -> bool:
        """Whether nothing whole was heard of it, and nothing lies there."""
        if request in self._heard:
            return False
        with suppress(OSError, ValueError):
            lies = select.poll()
            lies.register(request, select.POLLIN)
            return not lies.poll(0)
        return False

    def _cut_silent(self) -> bool:
        """Send away who has been silent for longest, if anybody is."""
        silent = next(filter(self._is_silent, list(self._until)), None)
        if silent is None:
            return False
        self._until.pop(silent, None)
        self._cut(silent)
        return True

    def _cut(self, request: socket.socket) -> None:
        with suppress(OSError):
            request.shutdown(socket.SHUT_RDWR)

    def _give_spare(self) -> None:
        spare, self._spare = self._spare, None
        if spare is not None:
            os.close(spare)

    def _say(self, error: OSError) -> None:
        now = time.monotonic()
        if now - self._said_at >= SELDOM_S:
            self._said_at = now
            log.warning("http.unaccepted", reason=error.strerror, hint="raise the limit of open files")

    def handle_error(self, request: object, client_address: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] likewise
        """A client that left is nobody's fault; anything else is ours."""
        _ = request, client_address
        if not isinstance(sys.exception(), OSError):
            log.error("http.fault", exc_info=True)


@contextmanager
def listening(given: Address | None, default: Address, places: Mapping[str, Place]) -> Generator[None]:
    """Answer at these places in the background; nowhere without an address.

    Where the default address is a sibling's, a free port is taken and told in the log.

    Raises:
        ListenError: an address that was asked for cannot be had.
    """
    if given is None:
        yield
        return
    server = bound(given, places, is_movable=given == default)
    thread = threading.Thread(target=server.serve_forever, args=(LOOK_S,), name="http door", daemon=True)
    thread.start()
    host, port = server.server_address[:2]
    log.info("http.listening", at=f"http://{Address(str(host), int(port))}", places=list(places))
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def bound(at: Address, places: Mapping[str, Place], *, is_movable: bool) -> Server:
    """A server at this address, or beside it."""
    try:
        return Server(at, places)
    except OSError as error:
        if is_movable and error.errno == errno.EADDRINUSE:
            return Server(Address(at.host, 0), places)
        reason = error.strerror or type(error).__name__
        hint = f"Give another address by {LISTEN}, end what holds it, or write off."
        raise ListenError(f"{LISTEN}: {at} cannot be listened at ({reason}). {hint}") from None

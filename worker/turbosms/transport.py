"""An httpx transport that cuts a whole exchange at one moment.

httpx's own bounds each read alone, so a server that drips bytes could hold a call for hours, and it costs a POST twice
the processor time. This one has the standard library read answers, from a socket that asks the clock at every read.
"""

import io
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import cache
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple, cast

import certifi
import httpx

from worker.failpoint import reached

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CONNECT_S = 4.0  # for one address; a name with a dead one still leaves time for the others
_KEEPALIVE_S = 30.0  # below the 60 or 75 s after which web servers usually close
_PIECE = 4_096
_CHUNK = 65_536


@cache
def ssl_context() -> ssl.SSLContext:
    """Trust the certificates of the machine and of certifi, once a process: they take 30 ms to read."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


class _Origin(NamedTuple):
    scheme: str
    host: str
    port: int


class DeadlineTransport(httpx.BaseTransport):
    """Kept-alive connections whose requests carry `extensions={"deadline": ...}`, a moment of `time.monotonic()`.

    https://www.python-httpx.org/advanced/transports/ says what httpx asks of it.
    """

    def __init__(self) -> None:
        self._ssl_context = ssl_context()
        self._idle: deque[_Connection] = deque()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answers once the head of the response is read; its body is read, within the deadline, by the caller.

        Raises:
            httpx.TransportError: nothing came; `ConnectError` and `ConnectTimeout` if the request never left.
        """
        asked, deadline = _as_bytes(request), request.extensions["deadline"]
        connection = self._connection(_origin(request.url), deadline)
        try:
            answer = connection.ask(asked, deadline)
        except BaseException:
            connection.close()
            raise
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.getheaders()]
        return httpx.Response(answer.status, headers=headers, stream=_Body(answer, connection, self._idle.append))

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _connection(self, origin: _Origin, deadline: float) -> "_Connection":
        """Take the connection that was used last, for those behind it may rest; else open a new one."""
        with suppress(IndexError):
            while True:
                connection = self._idle.pop()
                if connection.origin == origin and connection.is_usable():
                    return connection
                connection.close()
        with _failing_as(httpx.ConnectTimeout, httpx.ConnectError):
            return _Connection(origin, _connect(origin, deadline, self._ssl_context))


def _origin(url: httpx.URL) -> _Origin:
    return _Origin(url.scheme, url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80))


def _as_bytes(request: httpx.Request) -> bytes:
    """Head and body in one: they leave in one packet."""
    first = b"%b %b HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)
    lines = [first, *(b"%b: %b" % header for header in request.headers.raw)]
    if any(b"\r" in line or b"\n" in line for line in lines):
        raise httpx.LocalProtocolError("a header holds a line break")
    return b"\r\n".join([*lines, b"", request.read()])


class _Connection:
    """One exchange after another over one socket."""

    def __init__(self, origin: _Origin, connected: socket.socket) -> None:
        self.origin = origin
        self._wire = _Wire(connected)
        self._reader = _Reader(self._wire)
        self._used_at = time.monotonic()

    def is_usable(self) -> bool:
        """Whether it was used lately and nothing came since: neither its end nor a byte that nobody asked for."""
        if time.monotonic() > self._used_at + _KEEPALIVE_S:
            return False
        self._wire.deadline = None
        try:
            return not self._reader.peek(1) and not self._wire.has_ended
        except OSError:
            return False

    def ask(self, request: bytes, deadline: float) -> HTTPResponse:
        """Send a request and read the head of its answer, also from a server that would not take the request whole."""
        self._used_at = time.monotonic()
        self._wire.deadline = deadline
        is_whole = False
        with suppress(httpx.WriteError), _failing_as(httpx.WriteTimeout, httpx.WriteError):
            self._wire.send(request)
            is_whole = True
        if is_whole:
            reached("sent")
        with _failing_as(httpx.ReadTimeout, httpx.ReadError):
            answer = self._read_head()
        answer.will_close |= not is_whole
        return answer

    def makefile(self, _mode: str) -> "_Reader":
        """What `HTTPResponse` asks of a socket."""
        return self._reader

    def close(self) -> None:
        self._wire.hang_up()

    def _read_head(self) -> HTTPResponse:
        """Skip what is only said on the way, as 103: `HTTPResponse` skips 100 alone."""
        while True:
            answer = HTTPResponse(cast("socket.socket", self))
            answer.begin()
            if self._wire.has_ended:
                raise httpx.RemoteProtocolError("the head was cut short")
            _check(answer)
            if answer.status >= HTTPStatus.OK:
                return answer


def _check(answer: HTTPResponse) -> None:
    """Refuse what `HTTPResponse` lets pass, and then does not know where the body ends."""
    codings = answer.headers.get_all("transfer-encoding", [])
    lengths = {length.strip() for length in answer.headers.get_all("content-length", [])}
    if answer.headers.get_payload():  # what follows a line that is no header
        raise httpx.RemoteProtocolError("a malformed header")
    if len(codings) > 1 or (codings and not answer.chunked):
        raise httpx.RemoteProtocolError("a transfer coding other than chunked")
    if len(lengths) > 1 or not all(length.isdecimal() for length in lengths):
        raise httpx.RemoteProtocolError("a length that is no number")
    if answer.status == HTTPStatus.SWITCHING_PROTOCOLS:
        raise httpx.RemoteProtocolError("another protocol, which nobody asked for")


class _Reader(io.BufferedReader):
    """Lives as long as its connection: `HTTPResponse` closes what it reads from, at the end of each answer."""

    def close(self) -> None:
        pass


class _Wire(io.RawIOBase):
    """A socket that asks the clock at every read and write; with no deadline it waits for nothing."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self.deadline: float | None = None
        self.has_ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int | None:
        self._socket.settimeout(0.0 if self.deadline is None else _left(self.deadline))
        try:
            size = self._socket.recv_into(buffer)
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        self.has_ended = not size
        return size

    def send(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._socket.settimeout(_left(self.deadline or 0.0))
            rest = rest[self._socket.send(rest[:_PIECE]) :]

    def hang_up(self) -> None:
        self._socket.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: HTTPResponse, connection: _Connection, keep: Callable[[_Connection], None]) -> None:
        self._answer = answer
        self._connection = connection
        self._keep = keep
        self._is_whole = False

    def __iter__(self) -> Iterator[bytes]:
        with _failing_as(httpx.ReadTimeout, httpx.ReadError):
            while piece := self._answer.read1(_CHUNK):
                yield piece
        if self._answer.length:
            raise httpx.RemoteProtocolError("the body was cut short")
        self._is_whole = True

    def close(self) -> None:
        if self._is_whole and not self._answer.will_close:
            self._keep(self._connection)
        else:
            self._connection.close()


@contextmanager
def _failing_as(late: type[httpx.TransportError], broken: type[httpx.TransportError]) -> Generator[None]:
    try:
        yield
    except TimeoutError as failure:
        raise late(str(failure)) from failure
    except HTTPException as failure:  # whose words may be the server's
        raise httpx.RemoteProtocolError(type(failure).__name__) from failure
    except (OSError, UnicodeError) as failure:  # no name can be asked for a label of 64 letters
        raise broken(str(failure)) from failure


def _connect(origin: _Origin, deadline: float, trusted: ssl.SSLContext) -> socket.socket:
    """Connects beside the caller, because a name server that is silent heeds no time-out."""
    made: Future[socket.socket] = Future()
    Thread(target=_fulfil, args=(made, origin), name="turbosms-connect", daemon=True).start()
    try:
        plain = made.result(_left(deadline))
    except TimeoutError:
        made.add_done_callback(_close)
        raise
    return _secured(plain, origin, deadline, trusted) if origin.scheme == "https" else plain


def _fulfil(made: Future[socket.socket], origin: _Origin) -> None:
    try:
        connected = socket.create_connection((origin.host, origin.port), _CONNECT_S)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.set_result(connected)
    except Exception as failure:  # noqa: BLE001 - the caller, who waits for it, raises it
        made.set_exception(failure)


def _close(made: Future[socket.socket]) -> None:
    if not made.exception():
        made.result().close()


def _secured(plain: socket.socket, origin: _Origin, deadline: float, trusted: ssl.SSLContext) -> socket.socket:
    try:
        plain.settimeout(_left(deadline))
        return trusted.wrap_socket(plain, server_hostname=origin.host)
    except BaseException:
        plain.close()
        raise


def _left(deadline: float) -> float:
    if (left := deadline - time.monotonic()) > 0:
        return left
    raise TimeoutError

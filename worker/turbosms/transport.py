"""An httpx transport that cuts a whole exchange at one moment.

httpx's own bounds each read alone, so a server that drips bytes could hold a call for hours. This one is the same
httpcore pool over sockets that ask the clock at every read and write.
"""

import ssl
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import cache, partial
from threading import Thread
from typing import Any, cast

import httpcore
import httpx

from worker.failpoint import reached

_CONNECT_S = 4.0  # for one address; a name with a dead one still leaves time for the others
_KEEPALIVE_S = 30.0  # below the 60 or 75 s after which web servers usually close
_PIECE = 4_096
_AS_HTTPX: dict[type[Exception], type[httpx.TransportError]] = {
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.WriteError: httpx.WriteError,
    httpcore.WriteTimeout: httpx.WriteTimeout,
    httpcore.ReadError: httpx.ReadError,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.LocalProtocolError: httpx.LocalProtocolError,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
}


class DeadlineTransport(httpx.BaseTransport):
    """Kept-alive connections whose requests carry `extensions={"deadline": ...}`, a moment of `time.monotonic()`.

    Extension points: https://www.python-httpx.org/advanced/transports/ and
    https://www.encode.io/httpcore/network-backends/.
    """

    def __init__(self) -> None:
        self._ssl_context = ssl_context()
        self._network = _Network()
        # httpcore's own pool looks at every socket it holds for every request; the callers' threads bound this one.
        self._idle: deque[httpcore.HTTPConnection] = deque()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answers once the head of the response is read; its body is read, within the deadline, by the caller.

        Raises:
            httpx.TransportError: nothing came; `ConnectError` and `ConnectTimeout` if the request never left.
        """
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        moment = dict.fromkeys(("connect", "write", "read"), request.extensions["deadline"])  # see _Network
        asked = httpcore.Request(
            request.method,
            url,
            headers=request.headers.raw,
            content=cast("httpx.SyncByteStream", request.stream),
            extensions={"timeout": moment, "trace": _trace},
        )
        connection = self._connection(url.origin)
        try:
            with _failing_as_httpx():
                answer = connection.handle_request(asked)
        except BaseException:
            connection.close()
            raise
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer, connection, self._keep))

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _connection(self, origin: httpcore.Origin) -> httpcore.HTTPConnection:
        """Take the connection that was used last, for those behind it may rest; else open a new one."""
        with suppress(IndexError):
            while True:
                connection = self._idle.pop()
                if connection.can_handle_request(origin) and connection.is_available() and not connection.has_expired():
                    return connection
                connection.close()
        return httpcore.HTTPConnection(
            origin, ssl_context=self._ssl_context, keepalive_expiry=_KEEPALIVE_S, network_backend=self._network
        )

    def _keep(self, connection: httpcore.HTTPConnection) -> None:
        if connection.is_idle():
            self._idle.append(connection)
        else:
            connection.close()


def _trace(event: str, _facts: object) -> None:
    """https://www.encode.io/httpcore/extensions/#trace."""
    if event == "http11.send_request_body.complete":
        reached("sent")


class _Body(httpx.SyncByteStream):
    def __init__(
        self,
        answer: httpcore.Response,
        connection: httpcore.HTTPConnection,
        keep: Callable[[httpcore.HTTPConnection], None],
    ) -> None:
        self._answer = answer
        self._connection = connection
        self._keep = keep

    def __iter__(self) -> Iterator[bytes]:
        with _failing_as_httpx():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        try:
            self._answer.close()
        finally:
            self._keep(self._connection)


#: Once a process: the certificates of the machine take 30 ms to read.
ssl_context = cache(httpcore.default_ssl_context)


@contextmanager
def _failing_as_httpx() -> Generator[None]:
    try:
        yield
    except tuple(_AS_HTTPX) as failure:
        raise _AS_HTTPX[type(failure)](str(failure)) from failure


class _Network(httpcore.NetworkBackend):
    """Plain sockets whose `timeout` is a moment of `time.monotonic()`, not a length."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connects beside the caller, because a name server that is silent heeds no time-out."""
        made: Future[httpcore.NetworkStream] = Future()
        plain = httpcore.SyncBackend().connect_tcp
        connect = partial(plain, host, port, _CONNECT_S, local_address, socket_options or ())
        Thread(target=_fulfil, args=(made, connect), name="turbosms-connect", daemon=True).start()
        try:
            return _Stream(made.result(_left(timeout)))
        except TimeoutError as late:
            made.add_done_callback(_close)
            raise httpcore.ConnectTimeout from late


class _Stream(httpcore.NetworkStream):
    """A socket whose `timeout` is a moment of `time.monotonic()`, not a length."""

    def __init__(self, plain: httpcore.NetworkStream) -> None:
        self._plain = plain

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if not (left := _left(timeout)):
            raise httpcore.ReadTimeout
        return self._plain.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            if not (left := _left(timeout)):
                raise httpcore.WriteTimeout
            self._plain.write(buffer[start : start + _PIECE], left)

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(self._plain.start_tls(ssl_context, server_hostname, _left(timeout) or 0.001))

    def close(self) -> None:
        self._plain.close()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's own signature
        return self._plain.get_extra_info(info)


def _fulfil(
    made: Future[httpcore.NetworkStream],
    connect: Callable[[], httpcore.NetworkStream],
) -> None:
    try:
        made.set_result(connect())
    except Exception as failure:  # noqa: BLE001 - the caller, who waits for it, raises it
        made.set_exception(failure)


def _close(made: Future[httpcore.NetworkStream]) -> None:
    if not made.exception():
        made.result().close()


def _left(moment: float | None) -> float:
    return max((moment or 0.0) - time.monotonic(), 0.0)

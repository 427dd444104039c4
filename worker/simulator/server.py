"""Runs the simulated provider: in a thread for tests, or as a program until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from worker.simulator.app import Simulator, answer_call
from worker.simulator.control_api import control_routes
from worker.simulator.ledger import Account
from worker.simulator.report_sender import Courier
from worker.simulator.settings import DEMO_TOKEN, Switches

DEMO_ACCOUNT = Account(
    token=DEMO_TOKEN,
    name="demo",
    senders=frozenset({"DemoShop", "Perfectum", "TAXI"}),
    viber_senders=frozenset({"DemoShop", "Perfectum"}),
)


@dataclass(frozen=True, slots=True)
class Running:
    """A simulator that answers at `url`, as `http://127.0.0.1:40123`."""

    url: str


@contextmanager
def running(
    *,
    port: int = 0,
    accounts: Sequence[Account] = (DEMO_ACCOUNT,),
    switches: Switches | None = None,
) -> Generator[Running]:
    """A simulator in a thread on loopback while the block runs; port 0 takes a free one."""
    listener = _listener("127.0.0.1", port)
    server = _server(Simulator(tuple(accounts), switches or Switches()))
    thread = threading.Thread(target=server.run, args=([listener],), name="turbosms-simulator", daemon=True)
    thread.start()
    try:
        yield Running(_url(listener))
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def serve(*, host: str = "127.0.0.1", port: int = 0, ready: Callable[[str], None] | None = None) -> None:
    """Answer until SIGTERM or SIGINT; must run in the main thread.

    Args:
        host: the address to bind.
        port: 0 takes a free one.
        ready: told the URL once connections are taken.

    Raises:
        OSError: the address cannot be bound.
    """
    listener = _listener(host, port)
    server = _server(Simulator((DEMO_ACCOUNT,)))
    with _ended_by_signals(server):
        if ready is not None:
            ready(_url(listener))
        server.run([listener])
    listener.close()


class _OpenProtocol(H11Protocol):
    """Shows the application its connection, so that a fault can cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - as its parent
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    """Takes its courier along when it ends."""

    def __init__(self, config: uvicorn.Config, courier: Courier) -> None:
        super().__init__(config)
        self._courier = courier

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what is answered, then what is posted."""
        await super().shutdown(sockets)
        await self._courier.end()


def _server(simulator: Simulator) -> uvicorn.Server:
    config = uvicorn.Config(
        _application(simulator),
        http=_OpenProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    return _Server(config, simulator.courier)


def _application(simulator: Simulator) -> ASGIApp:
    control = Starlette(routes=[Mount("/_simulator", routes=control_routes(simulator))])

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith("/_simulator/"):
            await control(scope, receive, send)
        else:
            await answer_call(simulator, scope, receive, send)

    return application


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=2048)
    # Connections inherit it; without it every answer's second packet waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def _ended_by_signals(server: uvicorn.Server) -> Generator[None]:
    """Takes signals before uvicorn does, and once more after: it raises again the one that ended it."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    stops = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(stop, end) for stop in stops]
    try:
        yield
    finally:
        for stop, old in zip(stops, before, strict=True):
            signal.signal(stop, old)

"""Runs the simulated provider: in a thread for tests, or as a program until SIGTERM or SIGINT."""

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from worker.settings.environment import Address
from worker.simulator.app import Simulator, answer_call
from worker.simulator.control_api import control_routes
from worker.simulator.ledger import Account
from worker.simulator.settings import DEMO_TOKEN, Switches
from worker.web.server import listener_at

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
    """A simulator in a thread on loopback while the block runs; port 0 takes a free one.

    Raises:
        ListenError: the port cannot be bound.
    """
    listener = listener_at(Address("127.0.0.1", port), "--simulator-port")
    server = _Server(Simulator(tuple(accounts), switches or Switches()))
    thread = threading.Thread(target=server.run, args=([listener],), name="turbosms-simulator", daemon=True)
    thread.start()
    try:
        yield Running(_url(listener))
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def serve(*, host: str = "127.0.0.1", port: int = 0, ready: Callable[[str], None]) -> None:
    """Answer until SIGTERM or SIGINT, in the main thread; `ready` gets the URL once connections are taken.

    Raises:
        ListenError: the address cannot be bound.
    """
    listener = listener_at(Address(host, port), "--port")
    server = _Server(Simulator((DEMO_ACCOUNT,)))
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, server.handle_exit)
    ready(_url(listener))
    server.run([listener])
    listener.close()


class _OpenProtocol(H11Protocol):
    """Shows the application its connection, so that a fault can cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - as its parent
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    def __init__(self, simulator: Simulator) -> None:
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
        super().__init__(config)
        self._courier = simulator.courier

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to `serve`: uvicorn raises the one that ended it again."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what is answered, then what is posted."""
        await super().shutdown(sockets)
        await self._courier.end()


def _application(simulator: Simulator) -> ASGIApp:
    control = Starlette(routes=[Mount("/_simulator", routes=control_routes(simulator))])

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith("/_simulator/"):
            await control(scope, receive, send)
        else:
            await answer_call(simulator, scope, receive, send)

    return application


def _url(listener: socket.socket) -> str:
    return f"http://{Address(*listener.getsockname()[:2])}"

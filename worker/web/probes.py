"""`/livez`, `/readyz` and `/metrics`: what every process answers at `SMS_LISTEN`."""

from collections.abc import Generator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from worker.health.metrics import exposition, registry_of
from worker.health.report import Report
from worker.health.status import Health
from worker.logs.setup import log
from worker.settings.environment import LISTEN, Address
from worker.web.connection_limits import room_for
from worker.web.server import listener_at, serving

#: Kept apart from callbacks: a crowd of those keeps no probe out.
CONNECTIONS_MAX = 64
DRAIN_S = 1.0
FRESH = {"Cache-Control": "no-store"}


@contextmanager
def probed(at: Address | None, default: Address, health: Health) -> Generator[None]:
    """Answer probes in the background; nowhere without an address.

    Where the default address is a sibling's, a free port is taken and logged.

    Raises:
        ListenError: an address that was asked for cannot be had.
    """
    if at is None:
        yield
        return
    routes = probe_routes(health, registry_of(health.role))
    listener = listener_at(at, LISTEN, may_move=at == default)
    with serving(listener, routes, name="probes", most=room_for(CONNECTIONS_MAX), drain_s=DRAIN_S) as server:
        log.info("http.listening", at=f"http://{server.at}", paths=[route.path for route in routes[:-1]])
        yield


def probe_routes(health: Health, metrics: CollectorRegistry) -> list[Route]:
    """The probes of a process; every other path is answered with their names."""

    async def livez(_request: Request) -> Response:
        return answer(health.liveness())

    async def readyz(_request: Request) -> Response:
        return answer(health.readiness())

    async def show_metrics(request: Request) -> Response:
        content_type, body = exposition(metrics, request.headers.get("Accept", ""))
        return Response(body, headers={**FRESH, "Content-Type": content_type})

    async def unknown(_request: Request) -> Response:
        return PlainTextResponse("Look at /livez, /readyz, /metrics.\n", 404, FRESH)

    return [
        Route("/livez", livez),
        Route("/readyz", readyz),
        Route("/metrics", show_metrics),
        Route("/{path:path}", unknown),
    ]


def answer(report: Report) -> Response:
    return Response(report.to_json(), 200 if report.ok else 503, FRESH, "application/json")

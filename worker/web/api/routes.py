"""The endpoints as routes: one for each path, whatever the method, for refusals are to have one form."""

from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.convertors import PathConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from worker.web.api.endpoint import Endpoint
from worker.web.api.problems import NOT_FOUND, WRONG_METHOD, Problem
from worker.web.api.service import Service, respond

PREFIX = "/api/v1"


class Anything(PathConvertor):
    """Starlette's `path`, which ends at a new line."""

    regex = "(?s:.*)"


register_url_convertor("anything", Anything())


def routes(service: Service, endpoints: Sequence[Endpoint], open_documents: Mapping[str, bytes]) -> list[Route]:
    """A route for each path, whatever the method: problems are ours; documents need no key."""
    by_path: dict[str, dict[str, Endpoint]] = defaultdict(dict)
    for each in endpoints:
        by_path[each.path][each.method] = each
    return [
        *(Route(PREFIX + path, Resource(partial(show, content), ("GET",))) for path, content in open_documents.items()),
        *(
            Route(
                PREFIX + path.replace(":path}", ":anything}"),
                Resource(partial(respond, service, methods), tuple(methods)),
            )
            for path, methods in by_path.items()
        ),
        Route(PREFIX + "/{path:anything}", Resource(nowhere)),
    ]


@dataclass(frozen=True, slots=True)
class Resource:
    """What answers at a path; without `methods` to any of them."""

    respond: Callable[[Request], Coroutine[Any, Any, Response]]
    methods: tuple[str, ...] = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        allowed = (*self.methods, "HEAD") if "GET" in self.methods else self.methods
        if self.methods and request.method not in allowed:
            problem = Problem(WRONG_METHOD, f"Use {', '.join(allowed)}.", headers={"Allow": ", ".join(allowed)})
            response = problem.to_response()
        else:
            response = await self.respond(request)
        await response(scope, receive, send)


async def show(content: bytes, _request: Request) -> Response:
    return Response(content, headers={"Cache-Control": "public, max-age=300"}, media_type="application/json")


async def nowhere(_request: Request) -> Response:
    return Problem(NOT_FOUND, f"Nothing is at this path: look at {PREFIX}/openapi.json.").to_response()

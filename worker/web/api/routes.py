"""The endpoints as routes: who calls and how often, what is asked, and the answer; one thread a request.

What a client can do is bounded: a body in size and time, requests in work in number, statements in time. Connections
are bounded by the server.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any

import orjson
from starlette.convertors import PathConvertor, register_url_convertor
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from worker.core.access.api_key import ApiKey
from worker.language import language_accepted, speaking
from worker.logs.setup import log
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Connection, Pool, clock, each_alone, is_caused_by_input
from worker.web.api.endpoint import Answer, Call, Endpoint
from worker.web.api.problems import (
    FAILED,
    FRESH,
    NOT_FOUND,
    SLOW_BODY,
    TOO_LARGE,
    TOO_OFTEN,
    UNKNOWN_KEY,
    WRONG_METHOD,
    Problem,
    away,
    not_allowed,
)
from worker.web.api.reading import Asked, read

PREFIX = "/api/v1"
BODY_MAX = 256 * 1024
#: Within this the body must be here.
BODY_S = 5.0
#: Requests that are in work or wait for a thread; one more is sent back.
IN_WORK_MAX = 100

#: Who calls, by the header `Authorization`; None: nobody that may.
Authenticate = Callable[[Connection, str | None, datetime], ApiKey | None]
#: Seconds that a key must wait; none where it may go.
Wait = Callable[[ApiKey], float]
#: What each request came to: the endpoint's name, the status and how long it took.
OnAnswer = Callable[[str, int, float], None]


class Anything(PathConvertor):
    """Starlette's `path`, which ends at a new line."""

    regex = "(?s:.*)"


register_url_convertor("anything", Anything())


@dataclass(frozen=True, slots=True)
class Callers:
    """Who may call and how often; `on_answer` gets what each call came to."""

    authenticate: Authenticate
    wait: Wait
    on_answer: OnAnswer


@dataclass(slots=True)
class Service:
    """What requests need; `threads` are as many as the pool has connections."""

    pool: Pool
    seal: Seal
    threads: Executor
    callers: Callers
    cache: ConfigurationCache = field(default_factory=ConfigurationCache)
    in_work: int = 0


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


async def respond(service: Service, methods: Mapping[str, Endpoint], request: Request) -> Response:
    """Answer a request in a thread; where too many are in work, at once."""
    began = time.monotonic()
    endpoint = methods["GET" if request.method == "HEAD" else request.method]
    response = await answered(service, endpoint, request)
    service.callers.on_answer(endpoint.name, response.status_code, time.monotonic() - began)
    return response


async def answered(service: Service, endpoint: Endpoint, request: Request) -> Response:
    body = await body_of(request) if endpoint.body else b""
    if isinstance(body, Problem):
        return body.to_response()
    if service.in_work >= IN_WORK_MAX:
        return away("Too many requests are in work: try again.").to_response()
    asked = Asked(request.path_params, request.query_params.multi_items(), request.headers, body)
    service.in_work += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(service.threads, served, service, endpoint, asked)
    finally:
        service.in_work -= 1


async def body_of(request: Request) -> bytes | Problem:
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for piece in request.stream():
                body += piece
                if len(body) > BODY_MAX:
                    return Problem(
                        TOO_LARGE, f"The body has more than {BODY_MAX} bytes.", headers={"Connection": "close"}
                    )
    except (TimeoutError, ClientDisconnect):
        return Problem(SLOW_BODY, f"The body was not here within {BODY_S:g} s.", headers={"Connection": "close"})
    return bytes(body)


def served(service: Service, endpoint: Endpoint, asked: Asked) -> Response:
    """Answer a request, in the language it asks for; what breaks is logged, and told to be ours."""
    try:
        with speaking(language_accepted(asked.headers.get("accept-language", ""))):
            result = result_of(service, endpoint, asked)
    except Exception as error:  # noqa: BLE001 (whatever it is, the client gets an answer)
        result = problem_of(error, endpoint)
    return result.to_response() if isinstance(result, Problem) else response_of(result, asked)


def result_of(service: Service, endpoint: Endpoint, asked: Asked) -> Answer | Problem:
    with each_alone(service.pool) as connection:
        now = clock(connection)
        key = service.callers.authenticate(connection, asked.headers.get("authorization"), now)
    if key is None:
        return unknown_key()
    if wait_s := service.callers.wait(key):
        return too_often(wait_s)
    if not key.may(endpoint.scope):
        return not_allowed(f"The key needs the scope {endpoint.scope}.")
    given = read(endpoint, asked)
    if isinstance(given, Problem):
        return given
    call = Call(service.pool, service.seal, service.cache, key, now, given.parameters, given.body)
    return endpoint.handle(call)


def unknown_key() -> Problem:
    detail = "Send a key that is valid: Authorization: Bearer psms_…"
    return Problem(UNKNOWN_KEY, detail, headers={"WWW-Authenticate": "Bearer"})


def too_often(wait_s: float) -> Problem:
    seconds = max(1, round(wait_s + 0.5))
    return Problem(TOO_OFTEN, f"Try again in {seconds} s.", headers={"Retry-After": str(seconds)})


def problem_of(error: Exception, endpoint: Endpoint) -> Problem:
    if is_caused_by_input(error):
        log.error("api.fault", endpoint=endpoint.name, exc_info=error)
        return Problem(FAILED, "A fault of ours: the server's log has it.")
    log.warning("api.away", endpoint=endpoint.name, error=type(error).__name__)
    return away("The database does not answer in time: try again.")


def response_of(answer: Answer, asked: Asked) -> Response:
    """Write an answer down; who has this version already gets none."""
    headers = {**FRESH, **answer.headers}
    if answer.etag:
        headers["ETag"] = answer.etag
        if answer.status == HTTPStatus.OK and answer.etag in known(asked.headers.get("if-none-match", "")):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if answer.value is None:
        return Response(status_code=answer.status, headers=headers)
    content = orjson.dumps(answer.value, option=orjson.OPT_UTC_Z)
    return Response(content, answer.status, headers, "application/json")


def known(if_none_match: str) -> list[str]:
    """Versions that a client has; a weak one is as good."""
    return [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]

"""A request's way: whose key it is, how often it calls, what it may; its body; its account's turn; the answer.

What a client can do is bounded: a body in size and time, a wait and statements in time, requests in number, and of each
account so that others are answered beside it. Connections are bounded by the server. A key is looked up before anything
is read, and again when work begins where its request had to wait, for it may be revoked meanwhile.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from worker.core.access.api_key import ApiKey, presented
from worker.language import language_accepted, speaking
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Connection, Pool, clock, each_alone
from worker.web.api.endpoint import Answer, Call, Endpoint
from worker.web.api.failures import Failures
from worker.web.api.problems import (
    SLOW_BODY,
    TOO_LARGE,
    UNKNOWN_KEY,
    Problem,
    away,
    not_allowed,
    phones_unseen,
    too_often,
)
from worker.web.api.reading import Asked, read
from worker.web.api.turns import Arrivals, Turns

BODY_MAX = 256 * 1024
#: Within this the body must be here.
BODY_S = 5.0
#: A key that was looked up more recently is not looked up again.
FRESH_S = 0.05
#: What proxies write down of a client that left unanswered; nobody reads it but the metrics.
GONE = 499

#: Who calls, by the header `Authorization`; None: nobody that may.
Authenticate = Callable[[Connection, str | None, datetime], ApiKey | None]
#: Seconds that a key must wait; none where it may go.
Wait = Callable[[ApiKey], float]
#: What each request came to: the endpoint's name, the status and how long it took.
OnAnswer = Callable[[str, int, float], None]


@dataclass(frozen=True, slots=True)
class Callers:
    """Who may call and how often; `on_answer` gets what each call came to."""

    authenticate: Authenticate
    wait: Wait
    on_answer: OnAnswer


@dataclass(frozen=True, slots=True)
class Caller:
    """A key that is valid, as of a moment; `at` is the same moment by this process's clock."""

    key: ApiKey
    now: datetime
    at: float = field(default_factory=time.monotonic)


@dataclass(slots=True)
class Service:
    """What requests need; keys are looked up by threads of their own, so that they wait for no answer."""

    pool: Pool
    seal: Seal
    callers: Callers
    asking: Executor
    working: Executor
    turns: Turns
    arrivals: Arrivals
    cache: ConfigurationCache = field(default_factory=ConfigurationCache)
    failures: Failures = field(default_factory=Failures)


async def respond(service: Service, methods: Mapping[str, Endpoint], request: Request) -> Response:
    """Answer a request, and hand on what it came to."""
    began = time.monotonic()
    endpoint = methods["GET" if request.method == "HEAD" else request.method]
    response = await answered(service, endpoint, request)
    service.callers.on_answer(endpoint.name, response.status_code, time.monotonic() - began)
    return response


async def answered(service: Service, endpoint: Endpoint, request: Request) -> Response:
    caller = await known_caller(service, endpoint, request.headers)
    if isinstance(caller, Problem):
        return caller.to_response()
    body = await body_of(request) if endpoint.body else b""
    if isinstance(body, Problem):
        return body.to_response()
    asked = Asked(request.path_params, request.query_params.multi_items(), request.headers, body)
    async with service.turns.of(caller.key.account) as has_come:
        if not has_come:
            return away("Too many requests of the account are in work: try again.").to_response()
        if await request.is_disconnected():
            return Response(status_code=GONE)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(service.working, served, service, endpoint, caller, asked)


async def known_caller(service: Service, endpoint: Endpoint, headers: Mapping[str, str]) -> Caller | Problem:
    """Who calls; before anything else is read of a stranger, and where there is no key without asking PostgreSQL."""
    key = presented(headers.get("authorization"))
    if key is None:
        return unknown_key()
    with service.arrivals.of(key) as has_room:
        if not has_room:
            return away("Too many requests arrive at once: try again.")
        loop = asyncio.get_running_loop()
        caller = await loop.run_in_executor(service.asking, caller_of, service, endpoint, headers)
    if isinstance(caller, Caller):
        service.arrivals.remember(key)
    elif caller.kind == UNKNOWN_KEY:
        service.arrivals.forget(key)
    return caller


def caller_of(service: Service, endpoint: Endpoint, headers: Mapping[str, str]) -> Caller | Problem:
    try:
        with each_alone(service.pool) as connection:
            now = clock(connection)
            key = service.callers.authenticate(connection, headers.get("authorization"), now)
    except Exception as error:  # noqa: BLE001 (whatever it is, the client gets an answer)
        return service.failures.problem(endpoint.name, error)
    if key is None:
        return unknown_key()
    if wait_s := service.callers.wait(key):
        return too_often(wait_s)
    if not key.may(endpoint.scope):
        return not_allowed(f"The key needs the scope {endpoint.scope}.")
    return Caller(key, now)


def unknown_key() -> Problem:
    detail = "Send a key that is valid: Authorization: Bearer psms_…"
    return Problem(UNKNOWN_KEY, detail, headers={"WWW-Authenticate": "Bearer"})


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


def served(service: Service, endpoint: Endpoint, caller: Caller, asked: Asked) -> Response:
    """Answer a request, in the language it asks for."""
    try:
        with speaking(language_accepted(asked.headers.get("accept-language", ""))):
            result = result_of(service, endpoint, caller, asked)
        if isinstance(result, Problem):
            return result.to_response()
        return result.to_response(asked.headers.get("if-none-match", ""))
    except Exception as error:  # noqa: BLE001 (whatever it is, the client gets an answer)
        return service.failures.problem(endpoint.name, error).to_response()


def result_of(service: Service, endpoint: Endpoint, known: Caller, asked: Asked) -> Answer | Problem:
    caller = caller_again(service, known, asked)
    if caller is None:
        return unknown_key()
    given = read(endpoint, asked)
    if isinstance(given, Problem):
        return given
    if not caller.key.sees_phones and any(getattr(part, "phones", False) for part in (given.parameters, given.body)):
        return phones_unseen()
    call = Call(service.pool, service.seal, service.cache, caller.key, caller.now, given.parameters, given.body)
    return endpoint.handle(call)


def caller_again(service: Service, known: Caller, asked: Asked) -> Caller | None:
    """Who calls, as of now: a key may have been revoked while the request came in, or waited for its turn."""
    age_s = time.monotonic() - known.at
    if age_s < FRESH_S:
        return known
    now = known.now + timedelta(seconds=age_s)
    with each_alone(service.pool) as connection:
        key = service.callers.authenticate(connection, asked.headers.get("authorization"), now)
    return Caller(key, now) if key else None

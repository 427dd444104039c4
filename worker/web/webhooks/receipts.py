"""`POST /turbosms/<account>/receipts`: one callback, from its bytes to the answer that TurboSMS goes by."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from worker.store.db.postgres import is_caused_by_input
from worker.turbosms.callback import BODY_AT_MOST, Callback, read
from worker.web.webhooks.batcher import Batcher, Came, OverfullError
from worker.web.webhooks.callback_keys import Keys, KeysAwayError
from worker.web.webhooks.responses import Answer, answer, answer_to

PATH = "/turbosms/{account}/receipts"
#: Within this the body must be here.
BODY_S = 5.0
#: TurboSMS hangs up on who is slow; what is written down later is a repetition when it comes again.
ANSWER_S = 10.0


@dataclass(frozen=True, slots=True)
class RequestResult:
    """What a request came to.

    Attributes:
        account: where the key was right; `order`, in which key and id were signed, likewise.
        fault: why it was not written down, where something broke.
    """

    answer: Answer
    account: str = ""
    order: str = ""
    fault: Exception | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """What the requests need.

    Attributes:
        on_result: hears what every request came to and how long it took.
    """

    keys: Keys
    batcher: Batcher
    on_result: Callable[[RequestResult, float], None]


def routes(door: Door) -> list[Route]:
    """Where TurboSMS posts callbacks."""

    async def receive(request: Request) -> Response:
        began = time.monotonic()
        result = await answered(door, request)
        door.on_result(result, time.monotonic() - began)
        reply = result.answer
        return PlainTextResponse(f"{reply.message}\n", reply.status, headers={"cache-control": "no-store"})

    return [Route(PATH, receive, methods=["POST"])]


async def answered(door: Door, request: Request) -> RequestResult:
    """What a request came to; a callback is written down before this returns."""
    body = await body_of(request)
    if isinstance(body, Answer):
        return RequestResult(body)
    callback = read(body)
    if isinstance(callback, str):
        return RequestResult(answer("malformed", f"Fault: {callback}."))
    account = request.path_params["account"]
    try:
        async with asyncio.timeout(ANSWER_S):
            order = await door.keys.order(account, callback)
            if order is None:
                return RequestResult(answer("forged"))
            came = await door.batcher.take(account, callback)
    except (TimeoutError, KeysAwayError):
        return RequestResult(answer("away"))
    return RequestResult(response_to(came, callback), account, order, came if isinstance(came, Exception) else None)


async def body_of(request: Request) -> bytes | Answer:
    """The body, as far as a callback can be."""
    body = b""
    try:
        async with asyncio.timeout(BODY_S):
            async for piece in request.stream():
                body += piece
                if len(body) > BODY_AT_MOST:
                    return answer("too_large")
    except (TimeoutError, ClientDisconnect):
        return answer("slow_body")
    return body


def response_to(came: Came, callback: Callback) -> Answer:
    """What is said of what a callback came to."""
    if not isinstance(came, Exception):
        return answer_to(came, callback.nth)
    return answer("failed" if is_caused_by_input(came) and not isinstance(came, OverfullError) else "away")

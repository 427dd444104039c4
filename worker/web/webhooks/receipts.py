"""`POST /turbosms/<account>/receipts`: one callback, from its bytes to the response.

Whatever is not 2xx TurboSMS posts again: after 1, 3, 5, 10, 15, 20, 30, 60 and 120 minutes.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Literal

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from worker.steps.receipts.callbacks import CallbackOutcome
from worker.store.db.postgres import is_caused_by_input
from worker.turbosms.callback import BODY_AT_MOST, Callback, read
from worker.web.webhooks.batcher import Batcher, CallbackResult, OverfullError
from worker.web.webhooks.callback_keys import Keys, KeysAwayError

PATH = "/turbosms/{account}/receipts"
#: Within this the body must be here.
BODY_S = 5.0
#: TurboSMS hangs up on who is slow; what is written down later is a repetition when it comes again.
ANSWER_S = 10.0
#: Posts of a callback for an unknown message that are sent back. One may come before the answer that names its
#: message is written down, which takes seconds, or minutes where that answer was lost and is asked for again: four
#: posts span nine minutes. Later it is most likely a message of somebody else who sends with the same token, for which
#: TurboSMS would go on for hours; what is ours after all is found by asking for it.
UNKNOWN_TRIES = 3

Outcome = CallbackOutcome | Literal["not_ours", "too_large", "slow_body", "malformed", "forged", "away", "failed"]
#: Status, and a sentence for whoever looks into TurboSMS's cabinet.
RESPONSES: Mapping[Outcome, tuple[HTTPStatus, str]] = MappingProxyType(
    {
        "recorded": (HTTPStatus.OK, "Recorded."),
        "repeated": (HTTPStatus.OK, "Recorded before."),
        "not_ours": (HTTPStatus.OK, "This message is not ours."),
        "unknown": (HTTPStatus.NOT_FOUND, "This message is not known yet: try again."),
        "rebound": (HTTPStatus.CONFLICT, "This event named another message."),
        "too_large": (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large for a callback."),
        "slow_body": (HTTPStatus.REQUEST_TIMEOUT, "The body took too long."),
        "malformed": (HTTPStatus.BAD_REQUEST, "This is no callback."),
        "forged": (HTTPStatus.FORBIDDEN, "The account or the signature is wrong."),
        "away": (HTTPStatus.SERVICE_UNAVAILABLE, "It cannot be written down now: try again."),
        "failed": (HTTPStatus.INTERNAL_SERVER_ERROR, "It cannot be written down."),
    }
)


@dataclass(frozen=True, slots=True)
class RequestResult:
    """What a request came to.

    Attributes:
        account: where the key was right; `order`, in which key and id were signed, likewise.
        fault: why it was not written down, where something broke.
    """

    outcome: Outcome
    detail: str = ""
    account: str = ""
    order: str = ""
    fault: Exception | None = None

    @property
    def is_taken(self) -> bool:
        """Whether TurboSMS need not come again."""
        return RESPONSES[self.outcome][0] == HTTPStatus.OK

    def to_response(self) -> Response:
        status, message = RESPONSES[self.outcome]
        return PlainTextResponse(f"{message} {self.detail}".strip() + "\n", status, {"cache-control": "no-store"})


@dataclass(frozen=True, slots=True)
class Receiver:
    """What the requests need; `on_result` gets what each came to and how long it took."""

    keys: Keys
    batcher: Batcher
    on_result: Callable[[RequestResult, float], None]


def routes(receiver: Receiver) -> list[Route]:
    """Where TurboSMS posts callbacks."""

    async def receive(request: Request) -> Response:
        began = time.monotonic()
        result = await received(receiver, request)
        receiver.on_result(result, time.monotonic() - began)
        return result.to_response()

    return [Route(PATH, receive, methods=["POST"])]


async def received(receiver: Receiver, request: Request) -> RequestResult:
    """What a request came to; a callback is written down before this returns."""
    body = await body_of(request)
    if not isinstance(body, bytes):
        return RequestResult(body)
    callback = read(body)
    if isinstance(callback, str):
        return RequestResult("malformed", f"Fault: {callback}.")
    account = request.path_params["account"]
    try:
        async with asyncio.timeout(ANSWER_S):
            order = await receiver.keys.order(account, callback)
            if order is None:
                return RequestResult("forged")
            result = await receiver.batcher.take(account, callback)
    except (TimeoutError, KeysAwayError):
        return RequestResult("away")
    fault = result if isinstance(result, Exception) else None
    return RequestResult(outcome_of(result, callback), account=account, order=order, fault=fault)


async def body_of(request: Request) -> bytes | Literal["too_large", "slow_body"]:
    """The body, as far as a callback can be."""
    body = b""
    try:
        async with asyncio.timeout(BODY_S):
            async for piece in request.stream():
                body += piece
                if len(body) > BODY_AT_MOST:
                    return "too_large"
    except (TimeoutError, ClientDisconnect):
        return "slow_body"
    return body


def outcome_of(result: CallbackResult, callback: Callback) -> Outcome:
    if isinstance(result, Exception):
        return "failed" if is_caused_by_input(result) and not isinstance(result, OverfullError) else "away"
    return "not_ours" if result == "unknown" and callback.nth > UNKNOWN_TRIES else result

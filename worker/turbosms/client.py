"""The only HTTP of the worker: one call to TurboSMS, cut at its deadline; what a reply means is answer's.

The transport is asked without an `httpx.Client`: that would keep cookies, and would parse the `Location` of a redirect
it does not follow and raise at a malformed one.
"""

import re
import time
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass

import httpx
import tenacity

from worker.core.clock.timeouts import POST_DEADLINE
from worker.tracing import spans
from worker.turbosms.transport import DeadlineTransport

RESPONSE_AT_MOST = 1_048_576
"""Bytes of a response that are read; 5 000 recipients' rows take about 700 000."""

UNUSABLE_TOKEN = "unusable_token"  # noqa: S105 - a reason
"""The reason of a `NoReply` whose token no header can hold."""

_TOKEN = re.compile(r"[!-~]+")
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout)


#: Called with why a call never left, or with None where something came back.
OnReachability = Callable[[str | None], object]


#: Whether a request whose first try never left is tried again.
IsWanted = Callable[[], bool]


def ignore(_obstacle: str | None) -> None:
    """Do nothing."""


def always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class NoReply:
    """Nothing readable came back; `left` is False only if the request certainly never left (no connection, no TLS)."""

    reason: str
    left: bool


class TurboSms:
    """TurboSMS over kept-alive connections; safe for many threads and for many accounts."""

    def __init__(
        self, url: str, *, deadline_s: float = POST_DEADLINE.total_seconds(), on_reachability: OnReachability = ignore
    ) -> None:
        """Prepare calls; nothing is opened yet.

        `deadline_s` bounds a whole call: name, connection, TLS, its tries, the last byte read. `on_reachability` gets
        why a call never left, or None where something came back.

        Raises:
            ValueError: the url names no http or https host.
        """
        root = _root(url)
        self._send = root.join("message/send.json")
        self._send_multi = root.join("message/sendmulti.json")
        self._status = root.join("message/status.json")
        self._details = root.join("message/details.json")
        self._ping = root.join("message/ping.json")
        self._balance = root.join("user/balance.json")
        self._senders = root.join("senders/list.json")
        self._deadline_s = deadline_s
        self._on_reachability = on_reachability
        self._transport = DeadlineTransport()
        self._tries = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_NEVER_LEFT),
            stop=tenacity.stop_any(tenacity.stop_after_attempt(3), tenacity.stop_before_delay(deadline_s)),
            wait=tenacity.wait_random_exponential(multiplier=0.3, max=2),
            reraise=True,
        )

    def send(self, body: bytes, *, token: str, is_wanted: IsWanted = always) -> Reply | NoReply:
        """POST one `message/send` body; only a connection that was never made is tried again, if it `is_wanted`."""
        return self._call(self._send, token, body, is_wanted)

    def send_multi(self, body: bytes, *, token: str, is_wanted: IsWanted = always) -> Reply | NoReply:
        return self._call(self._send_multi, token, body, is_wanted)

    def status(self, body: bytes, *, token: str) -> Reply | NoReply:
        """Ask by a body of `reports.question` for statuses, each of the channel that the message goes by."""
        return self._call(self._status, token, body)

    def details(self, body: bytes, *, token: str) -> Reply | NoReply:
        """Ask by a body of `reports.question` for every channel of messages, with price and segments."""
        return self._call(self._details, token, body)

    def ping(self, *, token: str) -> Reply | NoReply:
        return self._call(self._ping, token)

    def balance(self, *, token: str) -> Reply | NoReply:
        """Ask for the account's money; a refusal shows a bad token or a blocked account."""
        return self._call(self._balance, token)

    def senders(self, body: bytes, *, token: str) -> Reply | NoReply:
        """Ask by a body of `senders` for the names that SMS may come from."""
        return self._call(self._senders, token, body)

    def close(self) -> None:
        """Close every connection, once no call is under way."""
        self._transport.close()

    def _call(
        self, url: httpx.URL, token: str, body: bytes | None = None, is_wanted: IsWanted = always
    ) -> Reply | NoReply:
        if not _TOKEN.fullmatch(token):
            return NoReply(UNUSABLE_TOKEN, left=False)
        request = httpx.Request(
            "GET" if body is None else "POST",
            url,
            headers=_headers(token, json=body is not None),
            content=body,
            extensions={"deadline": time.monotonic() + self._deadline_s},
        )
        failures: list[httpx.TransportError] = []

        def exchange() -> Reply | NoReply | httpx.TransportError:
            if failures and not is_wanted():
                return failures[-1]
            try:
                return self._exchange(request)
            except _NEVER_LEFT as failure:
                failures.append(failure)
                raise

        try:
            end = self._tries(exchange)
        except httpx.TransportError as failure:
            end = failure
        if isinstance(end, _NEVER_LEFT):
            self._on_reachability(str(end) or type(end).__name__)
        if isinstance(end, httpx.TransportError):
            end = _no_reply(end)
        else:
            self._on_reachability(None)
        spans.current().note(_noted(end))
        return end

    def _exchange(self, request: httpx.Request) -> Reply | NoReply:
        with closing(self._transport.handle_request(request)) as response:
            body = _read_at_most(RESPONSE_AT_MOST, response.iter_raw())
            return NoReply("too_large", left=True) if body is None else Reply(response.status_code, body)


def _noted(end: Reply | NoReply) -> spans.Facts:
    """What a span may have of a call's end."""
    return {"http.response.status_code": end.status} if isinstance(end, Reply) else {"error.type": end.reason}


def _root(url: str) -> httpx.URL:
    with suppress(httpx.InvalidURL, ValueError):
        root = httpx.URL(url.rstrip("/") + "/")
        if root.scheme in {"http", "https"} and root.host:
            return root
    raise ValueError("url: write it with its scheme and host, as https://api.turbosms.ua")


def _headers(token: str, *, json: bool) -> list[tuple[str, str]]:
    headers = [
        ("Accept", "application/json"),
        ("Accept-Encoding", "identity"),
        ("Authorization", f"Bearer {token}"),
        ("User-Agent", "perfectum-sms"),
    ]
    return [*headers, ("Content-Type", "application/json")] if json else headers


def _read_at_most(size: int, chunks: Iterable[bytes]) -> bytes | None:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > size:
            return None
    return bytes(body)


def _no_reply(failure: httpx.TransportError) -> NoReply:
    match failure:
        case httpx.ConnectError() | httpx.ConnectTimeout():
            return NoReply("unreachable", left=False)
        case httpx.TimeoutException():
            return NoReply("timeout", left=True)
        case httpx.NetworkError():
            return NoReply("connection_lost", left=True)
        case _:
            return NoReply("not_http", left=True)

"""Connecting to RabbitMQ, and logging once that it is away and once that it is back."""

import re
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pika
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.connection import SSLOptions
from pika.credentials import ExternalCredentials, PlainCredentials
from pika.exceptions import AMQPError, ChannelClosedByBroker

from worker.amqp import pika_internals
from worker.language import _, marked
from worker.settings.amqp_url import amqp_url
from worker.settings.environment import AMQP

HEARTBEAT_S = 30
SOCKET_TIMEOUT_S = 5
#: What pika raises when a connection or a channel has ended; AssertionError is its word for "used after the end", and
#: a handshake that nobody answers is none of its AMQPErrors.
CONNECTION_ERRORS = (AMQPError, AMQPConnectorException, AssertionError, OSError)
#: Those by which RabbitMQ, which is there, does not give us a queue or an exchange.
REFUSALS = (ChannelClosedByBroker,)

LogCall = Callable[..., object]


pika_internals.set_up()


def parameters(
    url: str, *, name: str, heartbeat_s: int = HEARTBEAT_S, blocked_after_s: float | None = None
) -> pika.ConnectionParameters:
    """Build connection parameters; those in the URL prevail.

    `blocked_after_s` ends a publisher's wait under a memory or disk alarm.
    """
    parsed = amqp_url(url)
    socket_timeout = parsed.settings.get("socket_timeout", SOCKET_TIMEOUT_S)
    settings: dict[str, Any] = {
        "heartbeat": heartbeat_s,
        "socket_timeout": socket_timeout,
        "stack_timeout": 2 * socket_timeout,
        **parsed.settings,
        "client_properties": {**parsed.settings.get("client_properties", {}), "connection_name": name},
    }
    if blocked_after_s is not None:
        settings["blocked_connection_timeout"] = blocked_after_s
    return pika.ConnectionParameters(
        parsed.host,
        parsed.port,
        parsed.virtual_host,
        ExternalCredentials() if parsed.password is None else PlainCredentials(parsed.user, parsed.password),
        ssl_options=SSLOptions(parsed.tls, parsed.server_name) if parsed.tls else None,
        **settings,
    )


def nothing(**_facts: object) -> None:
    """Log nothing."""


class Presence:
    """Whether RabbitMQ is there, logged once for a whole process, however many connections notice.

    Each connection takes back only its own loss: a queue that cannot be consumed proves nothing about the publisher.
    """

    def __init__(self, away: LogCall = nothing, back: LogCall = nothing) -> None:
        self._lock = threading.Lock()
        self._lost: set[str] = set()
        self._away = away
        self._back = back

    def is_lost(self, who: str) -> bool:
        return who in self._lost

    def lost(self, who: str, error: BaseException) -> None:
        with self._lock:
            if not self._lost:
                self._away(reason=describe(error), hint=fix(error))
            self._lost.add(who)

    def restored(self, who: str) -> None:
        with self._lock:
            if who in self._lost:
                self._lost.remove(who)
                if not self._lost:
                    self._back()


#: The fix by the message of RabbitMQ, TLS or the socket.
FIXES = (
    (r"Login was refused", marked("Fix the user or the password in {variable}.")),
    (r"vhost .* not found", marked("Make it: rabbitmqctl add_vhost NAME, or fix the virtual host in {variable}.")),
    (r"access to vhost", marked("Let the user in: rabbitmqctl set_permissions -p VHOST USER '.*' '.*' '.*'.")),
    (r"ACCESS_REFUSED", marked("Give the user the rights to declare, write and read: rabbitmqctl set_permissions.")),
    (
        r"PRECONDITION_FAILED",
        marked("Somebody declared it otherwise: give us a virtual host of our own, or delete it."),
    ),
    (
        r"wrong version number|record layer",
        marked("That port speaks no TLS: write amqp:// in {variable}, or the port of TLS."),
    ),
    (
        r"certificate|hostname mismatch",
        marked("Fix cacertfile or server_name_indication in {variable}, or the certificate."),
    ),
    (r"Name or service not known|nodename|No address|name resolution", marked("Fix the host in {variable}.")),
)
OTHERWISE = marked("Start it, or fix {variable}.")


def describe(error: BaseException) -> str:
    """Describe the cause in one line; RabbitMQ itself names a queue that exists with other arguments."""
    cause = next((inner for inner in inside(error) if not isinstance(inner, AMQPConnectorException)), error)
    if isinstance(cause, ssl.SSLError):
        text = re.sub(r"^\[.*?\] | ?\(_ssl\.c:\d+\)$", "", str(cause.args[-1] if cause.args else ""))
    elif isinstance(cause, OSError):
        text = cause.strerror or str(cause)
    else:
        text = str(getattr(cause, "reply_text", "") or reply_in(str(cause.args[0]) if cause.args else ""))
    return f"{type(cause).__name__}: {text}" if text else type(cause).__name__


def fix(error: BaseException) -> str:
    text = describe(error)
    hint = next((hint for pattern, hint in FIXES if re.search(pattern, text)), OTHERWISE)
    return _(hint, variable=AMQP)


def inside(error: BaseException) -> Iterator[BaseException]:
    """Yield the errors that pika wrapped, the innermost first."""
    for inner in (*error.args, getattr(error, "exception", None)):
        if isinstance(inner, BaseException):
            yield from inside(inner)
    yield error


def reply_in(text: str) -> str:
    """Extract RabbitMQ's reply as pika quotes it: ConnectionClosedByBroker: (403) 'ACCESS_REFUSED - ...'."""
    match = re.fullmatch(r"\w+: \(\d+\) (['\"])(.*)\1", text, re.DOTALL)
    return match[2] if match else text

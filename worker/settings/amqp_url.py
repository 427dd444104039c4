"""`SMS_AMQP_URL`, read as a whole: RabbitMQ's spelling of its parameters and pika's, and every fault in words.

https://www.rabbitmq.com/docs/uri-query-parameters
"""

import ast
import difflib
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from worker.language import _

PORT, TLS_PORT = 5672, 5671
LARGEST_SHORT = 65_535


@dataclass(frozen=True, slots=True)
class AmqpUrl:
    """A parsed URL; without a password the client's certificate identifies us.

    Attributes:
        settings: of pika's ConnectionParameters, by their names there.
        server_name: what the server's certificate must be made out to; None sends no name.
    """

    host: str
    port: int
    user: str
    password: str | None
    virtual_host: str
    settings: Mapping[str, Any]
    tls: ssl.SSLContext | None = field(repr=False)
    server_name: str | None


def whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(_("is no whole number from {least} to {most}", least=least, most=most))
        return int(text)

    return read


def seconds(text: str) -> float:
    """A span in seconds, as pika writes it."""
    if not re.fullmatch(r"\d{1,6}(\.\d+)?", text) or not float(text):
        raise ValueError(_("is no number of seconds"))
    return float(text)


def milliseconds(text: str) -> float:
    """A span in milliseconds, as RabbitMQ writes it; in seconds."""
    return whole(1, 10**8)(text) / 1000


def text(text: str) -> str:
    return text


def literal(text: str) -> dict[str, Any]:
    try:
        value: object = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ValueError(_("is no dictionary as Python writes it"))  # noqa: TRY004 (of a parameter, for its reader)
    return cast("dict[str, Any]", value)


def choice(*known: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in known:
            raise ValueError(_("is none of {known}", known=", ".join(known)))
        return text.lower()

    return read


#: Parameters that become one of pika's settings: its name there, and how it is read.
SETTINGS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "heartbeat": ("heartbeat", whole(0, LARGEST_SHORT)),
    "channel_max": ("channel_max", whole(1, LARGEST_SHORT)),
    "frame_max": ("frame_max", whole(4096, 131_072)),
    "connection_timeout": ("socket_timeout", milliseconds),
    "socket_timeout": ("socket_timeout", seconds),
    "stack_timeout": ("stack_timeout", seconds),
    "blocked_connection_timeout": ("blocked_connection_timeout", seconds),
    "connection_attempts": ("connection_attempts", whole(1, 1000)),
    "retry_delay": ("retry_delay", seconds),
    "locale": ("locale", text),
    "client_properties": ("client_properties", literal),
    "tcp_options": ("tcp_options", literal),
}
TLS: Mapping[str, Callable[[str], Any]] = {
    "cacertfile": text,
    "certfile": text,
    "keyfile": text,
    "password": text,
    "verify": choice("verify_peer", "verify_none"),
    "server_name_indication": text,
    "ssl_options": literal,
}
#: What pika's `ssl_options` may hold, and what RabbitMQ calls it.
PIKAS_TLS: Mapping[str, str] = {
    "cafile": "cacertfile",
    "ca_certs": "cacertfile",
    "certfile": "certfile",
    "keyfile": "keyfile",
    "password": "password",
    "server_hostname": "server_name_indication",
}
MECHANISM, READ_MECHANISM = "auth_mechanism", choice("plain", "external")
KNOWN = (*SETTINGS, *TLS, MECHANISM)


def amqp_url(url: str) -> AmqpUrl:
    """Parse a URL.

    Raises:
        ValueError: what is wrong with it, in words that hold none of its values.
    """
    parts, port = split(url)
    given = parameters(parts.query)
    settings = {name: given[key] for key, (name, _) in SETTINGS.items() if key in given}
    tls = {**{name: given[name] for name in TLS if name in given}, **pikas(given.pop("ssl_options", {}))}
    tls.pop("ssl_options", None)
    if tls and parts.scheme != "amqps":
        raise ValueError(_("has {tls} without TLS: write amqps://", tls=", ".join(tls)))
    is_external = given.get(MECHANISM) == "external"
    if parts.username and parts.password is None and not is_external:
        raise ValueError(_("names a user without a password"))
    server_name = tls.get("server_name_indication") or parts.hostname
    return AmqpUrl(
        host=parts.hostname or "",
        port=port or (TLS_PORT if parts.scheme == "amqps" else PORT),
        user=unquote(parts.username or "guest"),
        password=None if is_external else unquote(parts.password or "guest"),
        virtual_host=virtual_host(parts.path),
        settings=settings,
        tls=context(tls) if parts.scheme == "amqps" else None,
        server_name=None if server_name == "disable" else server_name,
    )


def split(url: str) -> tuple[SplitResult, int | None]:
    authority, rest = re.fullmatch(r"(?:[^:/?#]+://)?([^/?#]*)(.*)", url, re.DOTALL).groups()  # pyright: ignore[reportOptionalMemberAccess] (it fits everything)
    if "," in authority.rpartition("@")[2] or re.search(r"[;,]\s*amqps?://", url):
        raise ValueError(_("names several hosts: give one, or the address of a balancer before them"))
    if "@" in rest or "#" in rest:
        raise ValueError(_("has a sign that must be percent-encoded"))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(_("is not a URL that can be read")) from None
    if parts.scheme not in ("amqp", "amqps"):
        raise ValueError(_("does not begin with amqp:// or amqps://"))
    if not parts.hostname or port == 0:
        raise ValueError(_("names no host or no usable port"))
    return parts, port


def virtual_host(path: str) -> str:
    """The virtual host of a path; / itself is written %2F, or left out, or //."""
    name = path.removeprefix("/")
    if name in ("", "/"):
        return "/"
    if "/" in name:
        raise ValueError(_("has a virtual host with /: write %2F for it"))
    return unquote(name)


def parameters(query: str) -> dict[str, Any]:
    readers = {**{name: read for name, (_, read) in SETTINGS.items()}, **TLS, MECHANISM: READ_MECHANISM}
    fields: dict[str, Any] = {}
    for key, texts in parse_qs(query).items():
        if key not in readers:
            raise ValueError(unknown(key))
        if len(texts) > 1:
            raise ValueError(_("has {key} more than once", key=key))
        try:
            fields[key] = readers[key](texts[0])
        except ValueError as error:
            raise ValueError(_("has a parameter {key} that {error}", key=key, error=error)) from None
    return fields


def unknown(key: str) -> str:
    """Suggest a known parameter; the unknown one is not quoted, for it may be a piece of a password."""
    close = difflib.get_close_matches(key, KNOWN, n=1)
    return (
        _("has an unknown parameter: did you mean {near}?", near=close[0])
        if close
        else _("has an unknown parameter; there are {known}", known=", ".join(KNOWN))
    )


def pikas(options: Mapping[str, Any]) -> dict[str, Any]:
    if strange := [name for name in options if name not in PIKAS_TLS]:
        raise ValueError(
            _(
                "has ssl_options with {count} unknown; there are {known}",
                count=len(strange),
                known=", ".join(PIKAS_TLS),
            )
        )
    return {PIKAS_TLS[name]: str(value) for name, value in options.items() if value is not None}


def context(tls: Mapping[str, Any]) -> ssl.SSLContext:
    """Build the TLS context: the server's certificate must be signed by a trusted authority, unless `verify` is off."""
    try:
        made = ssl.create_default_context(cafile=tls.get("cacertfile"))
    except (OSError, ValueError):
        raise ValueError(_("has a cacertfile that cannot be read: it holds PEM certificates")) from None
    if tls.get("verify") == "verify_none":
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    if tls.get("server_name_indication") == "disable":
        made.check_hostname = False
    if tls.get("certfile"):
        try:
            made.load_cert_chain(tls["certfile"], tls.get("keyfile"), tls.get("password", ""))
        except (OSError, ValueError):
            raise ValueError(_("has a certfile or keyfile that cannot be read: they hold PEM, and fit")) from None
    elif tls.get("keyfile"):
        raise ValueError(_("has a keyfile without a certfile"))
    return made

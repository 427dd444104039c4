"""What we need of pika that it has no public way for: all of its private attributes, and two faults of its reader.

pyproject.toml pins pika exactly: look through this file, and run tests/amqp, before the version is raised.
"""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pika.data
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.adapters.utils import io_services_utils
from pika.exceptions import ConnectionBlockedTimeout

Decode = Callable[[bytes, int], tuple[object, int]]
READ_AT_ONCE = 64 * 1024


def total(decode: Decode) -> Decode:
    """Make pika's reader of header values total: a timestamp in milliseconds, a NaN, a deep nest is read as nothing.

    Else one such header closes the connection, and the message that carries it comes again for ever.
    """

    def decode_value(encoded: bytes, offset: int) -> tuple[object, int]:
        try:
            return decode(encoded, offset)
        except (ValueError, OverflowError, OSError, RecursionError):
            skipped = width(encoded, offset)
            if skipped is None:
                raise
            return None, offset + skipped

    return decode_value


def width(encoded: bytes, offset: int) -> int | None:
    """Bytes of a header value that may defeat pika, with its type (https://www.rabbitmq.com/docs/amqp-0-9-1-errata)."""
    match encoded[offset : offset + 1]:
        case b"T" | b"d":
            return 9
        case b"f":
            return 5
        case b"A" | b"F":
            return 5 + int.from_bytes(encoded[offset + 1 : offset + 5], "big")
        case _:
            return None


def set_up() -> None:
    """Make pika read any header, and more than 4 KB at a time: that is one event or two, and there is no setting."""
    pika.data.decode_value = total(pika.data.decode_value)
    # pika declares too few of its types for a checker to follow, here and below.
    transport: Any = io_services_utils
    transport._AsyncTransportBase._MAX_RECV_BYTES = READ_AT_ONCE  # noqa: SLF001


@contextmanager
def ending_after(channel: BlockingChannel | BlockingConnection, seconds: float) -> Generator[None]:
    """Cut the connection unless the block ends in time: pika's blocking calls wait for an answer for ever.

    Its own `call_later` is looked at between blocking calls only; the loop beneath runs inside them too, and is what
    pika's blocked-connection timeout uses in the same way.
    """
    connection: Any = getattr(channel, "connection", channel)
    beneath = connection._impl  # noqa: SLF001
    error = ConnectionBlockedTimeout(f"RabbitMQ did not answer within {seconds:g} s")
    timer = beneath.ioloop.call_later(seconds, partial(beneath._terminate_stream, error))  # noqa: SLF001
    try:
        yield
    finally:
        beneath.ioloop.remove_timeout(timer)


@contextmanager
def alarm_after(channel: BlockingChannel, seconds: float) -> Generator[Callable[[], bool]]:
    """Wake whoever waits in the block after so long, and answer whether that time is over."""
    loop = channel_beneath(channel).connection.ioloop
    rung = threading.Event()
    timer = loop.call_later(seconds, rung.set)
    try:
        yield rung.is_set
    finally:
        loop.remove_timeout(timer)


def channel_beneath(channel: BlockingChannel) -> Any:  # noqa: ANN401 (pika has no type for it)
    """Return the channel beneath, which does not wait for each confirm."""
    blocking: Any = channel
    return blocking._impl  # noqa: SLF001


def flush(channel: BlockingChannel, is_done: Callable[[], bool]) -> None:
    blocking: Any = channel
    blocking._flush_output(is_done)  # noqa: SLF001


def server_version(connection: BlockingConnection) -> str:
    blocking: Any = connection
    return str(blocking._impl.server_properties["version"])  # noqa: SLF001

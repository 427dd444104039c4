"""Whether a server answers in its own protocol: an open port says nothing yet."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress

import psycopg

BETWEEN = 0.05
METHOD_FRAME = b"\x01"


def wait_for(answers: Callable[[], bool], *, within: float, while_true: Callable[[], bool] = lambda: True) -> bool:
    """Asks until the answer is yes; gives up after so many seconds, or as soon as `while_true` no longer holds."""
    deadline = time.monotonic() + within
    while not answers():
        if time.monotonic() > deadline or not while_true():
            return False
        time.sleep(BETWEEN)
    return True


def answers_amqp(host: str, port: int) -> bool:
    """Whether the protocol header is answered with Connection.Start (AMQP 0-9-1, section 4.2.2)."""
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            return connection.recv(1) == METHOD_FRAME
    except OSError:
        return False


def answers_sql(url: str) -> bool:
    """Whether PostgreSQL accepts connections there; false while it still recovers after a crash."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def answers_tcp(port: int) -> bool:
    """Whether anybody listens on this port of the loopback interface."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


def answers_unix(path: str) -> bool:
    """Whether anybody listens on this Unix socket."""
    with socket.socket(socket.AF_UNIX) as connection, suppress(OSError):
        connection.connect(path)
        return True
    return False

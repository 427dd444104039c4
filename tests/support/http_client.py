"""Clients of HTTP for tests: one that reads the machine's certificates takes 34 ms to make.

Beside them what a server does with a connection: close it, or cut off a client that only sends.
"""

import socket
import ssl

import httpx

from tests.support.waiting import PATIENCE_S

#: For a client of plain HTTP.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

#: Keeps no connection, for the servers that tests ask come and go.
http = httpx.Client(
    verify=NO_CERTIFICATES, trust_env=False, timeout=PATIENCE_S, limits=httpx.Limits(max_keepalive_connections=0)
)


def is_closed(client: socket.socket) -> bool:
    """Whether the other side has closed the connection."""
    client.settimeout(0)
    try:
        return client.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def is_cut_off(client: socket.socket, *, sending: bytes) -> bool:
    """Whether the other side takes no more of what is sent."""
    try:
        client.send(sending)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return False

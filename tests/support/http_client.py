"""What tests ask over HTTP with: a client that reads the machine's certificates takes 34 ms to make."""

from __future__ import annotations

import ssl

import httpx

from tests.support.waiting import PATIENCE_S

#: For a client of plain HTTP.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

#: Keeps no connection, for the servers that tests ask come and go.
http = httpx.Client(
    verify=NO_CERTIFICATES, trust_env=False, timeout=PATIENCE_S, limits=httpx.Limits(max_keepalive_connections=0)
)

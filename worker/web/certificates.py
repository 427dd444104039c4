"""The certificates of whom we ask by HTTPS."""

import ssl
from functools import cache

import httpx


@cache
def certificates() -> ssl.SSLContext:
    """Read them once a process, which takes 35 ms, and not for each client."""
    return httpx.create_ssl_context(trust_env=False)

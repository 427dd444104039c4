"""Free TCP ports of the loopback interface that stay free of clients."""

from __future__ import annotations

import random
import socket
from contextlib import suppress
from pathlib import Path

from deploy.services.errors import ServicesError

LOWEST, USUAL_CLIENTS_FROM = 15_000, 32_768


def free_ports(count: int) -> list[int]:
    """So many ports below those the kernel gives to clients.

    A client that tries again and again while its server is down may be given the server's port as its own,
    connect to itself, and keep the server from coming back: fault runs would meet that.
    """
    numbers = range(LOWEST, max(_clients_from(), LOWEST + 1_000))
    candidates = random.SystemRandom().sample(numbers, k=min(500, len(numbers)))
    free = [port for port in candidates if _is_free(port)][:count]
    if len(free) < count:
        raise ServicesError(f"no free TCP ports between {numbers.start} and {numbers.stop}")
    return free


def _clients_from() -> int:
    with suppress(OSError, ValueError):
        return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    return USUAL_CLIENTS_FROM


def _is_free(port: int) -> bool:
    with socket.socket() as probe, suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False

"""Crowds, slow readers and huge heads keep nobody else from being answered."""

import resource
import socket
from collections.abc import Generator
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.http_client import NO_CERTIFICATES, is_closed, is_cut_off
from tests.support.waiting import PATIENCE_S, wait_until
from tests.web.api.conftest import MOST, Api
from worker.web.api import service

CROWD = 2_000
#: Of this process, which holds both ends.
FILES = 4 * CROWD


def connect(api: Api) -> socket.socket:
    at = urlsplit(api.url)
    return socket.create_connection((at.hostname, at.port), timeout=PATIENCE_S)


@pytest.fixture
def crowd(api: Api) -> Generator[list[socket.socket]]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, hard), hard))
    with ExitStack() as stack:
        yield [stack.enter_context(connect(api)) for _ in range(CROWD)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_two_thousand_silent_connections_keep_nobody_out(api: Api, crowd: list[socket.socket]) -> None:
    with httpx.Client(verify=NO_CERTIFICATES, trust_env=False, timeout=PATIENCE_S) as client:
        for _ in range(5):
            headers = {"Authorization": "Bearer acme"}
            assert client.get(f"{api.url}/api/v1/notifications", headers=headers).status_code == 200

    wait_until(lambda: sum(map(is_closed, crowd)) >= CROWD - MOST, "those that were silent for longest have gone")


def test_a_client_that_reads_no_answer_is_cut_off(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.web.connection_limits.EXCHANGE_S", 0.5)
    asking = 1_000 * b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
    with connect(api) as client:
        client.settimeout(0)
        wait_until(lambda: is_cut_off(client, sending=asking), "it is cut off")

    assert api.get("/notifications").status_code == 200


@pytest.mark.parametrize(
    "head",
    [
        b"GET /api/v1/notifications HTTP/1.1\r\nhost: x\r\nx-long: " + b"x" * 200_000,
        b"GET /api/v1/notifications HTTP/1.1\r\nhost: x\r\n" + b"x-many: y\r\n" * 20_000,
        b"GET /api/v1/notifications?search=" + b"x" * 200_000,
    ],
    ids=["a long header", "many headers", "a long address"],
)
def test_a_huge_head_is_refused_unread(api: Api, head: bytes) -> None:
    with connect(api) as client:
        client.sendall(head)

        assert client.recv(4096).startswith(b"HTTP/1.1 400 ")
        wait_until(lambda: is_closed(client), "it is closed")


def test_above_so_many_that_arrive_the_next_is_sent_back_at_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "ARRIVING_MAX", 0)

    response = api.get("/notifications")

    assert (response.status_code, response.headers["retry-after"]) == (503, "1")

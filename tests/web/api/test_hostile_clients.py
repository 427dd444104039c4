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
from tests.web.api.conftest import MOST, Api, bearer, served
from worker.core.access.api_key import Presented
from worker.store.db.postgres import Pool
from worker.web.api import door
from worker.web.api.turns import REMEMBERED, Arrivals

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
            headers = {"Authorization": bearer("acme")}
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


def test_above_so_many_that_arrive_the_next_is_sent_back_at_once(
    acme_pool: Pool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert acme_pool
    monkeypatch.setattr(door, "ARRIVING", 0)
    with served(database_url) as api:
        response = api.get("/notifications")

        assert (response.status_code, response.headers["retry-after"]) == (503, "1")


def test_who_has_no_key_takes_no_room_and_is_not_looked_up(api: Api) -> None:
    wrong = api.get("/notifications", key="psms_1_" + "x" * 43)
    looked_up = len(api.lookups)

    for text in (None, "", "nobody", "psms_1_x", "psms_0_" + "x" * 43, "psms_1_" + "x" * 44):
        assert api.get("/notifications", key=text).content == wrong.content
    assert (wrong.status_code, len(api.lookups)) == (401, looked_up)


def test_strangers_leave_room_for_keys_that_called_lately() -> None:
    arrivals, known, stranger = Arrivals(10), Presented(1, "known"), Presented(1, "guessed")
    arrivals.remember(known)
    with ExitStack() as guesses:
        rooms = [guesses.enter_context(arrivals.of(stranger)) for _ in range(6)]
        with arrivals.of(known) as has_room:
            assert (rooms, has_room) == ([True] * 5 + [False], True)

    arrivals.forget(known)
    with ExitStack() as guesses:
        assert [guesses.enter_context(arrivals.of(known)) for _ in range(6)] == [True] * 5 + [False]


def test_the_keys_that_called_last_are_remembered() -> None:
    arrivals = Arrivals(1)
    for number in range(REMEMBERED + 1):
        arrivals.remember(Presented(number, f"{number}"))

    found: list[bool] = []
    for number in (0, 1, REMEMBERED):
        with arrivals.of(Presented(number, f"{number}")) as has_room:
            found.append(has_room)
    assert found == [False, True, True]

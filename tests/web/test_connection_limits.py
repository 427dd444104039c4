"""Silent connections and slow heads keep no callback out."""

import resource
import socket
from collections.abc import Generator
from contextlib import ExitStack

import httpx
import pytest

from tests.support.http_client import NO_CERTIFICATES, is_closed, is_cut_off
from tests.support.waiting import PATIENCE_S, wait_until
from tests.web.conftest import MOST, Console
from worker.web.connection_limits import CONNECTIONS_MIN, KEPT_FILES, room_for

CALLBACKS = 20


@pytest.fixture
def crowd(console: Console) -> Generator[list[socket.socket]]:
    with ExitStack() as stack:
        yield [stack.enter_context(connect(console)) for _ in range(2 * MOST)]


def connect(console: Console) -> socket.socket:
    url = httpx.URL(console.url)
    return socket.create_connection((url.host, url.port or 0), timeout=PATIENCE_S)


def test_silent_connections_keep_no_callback_out(console: Console, crowd: list[socket.socket]) -> None:
    answers = [console.post(event=f"e-{nth}", message=f"m-{nth}") for nth in range(CALLBACKS)]

    assert answers == [(404, "unknown")] * CALLBACKS
    wait_until(lambda: sum(map(is_closed, crowd)) > MOST, "those that were silent for longest have gone")


def test_a_head_that_never_ends_is_cut_off(console: Console) -> None:
    with connect(console) as client:
        client.sendall(b"POST /turbosms/acme/receipts HTTP/1.1\r\nhost: x\r\n")
        wait_until(lambda: is_cut_off(client, sending=b"x-drip: 1\r\n"), "it is cut off")


def test_a_kept_connection_is_answered_again(console: Console) -> None:
    with httpx.Client(verify=NO_CERTIFICATES, base_url=console.url) as client:
        for _ in range(3):
            assert client.post("/turbosms/acme/receipts", json={}).status_code == 400


@pytest.mark.parametrize(
    ("files", "most"),
    [(64, CONNECTIONS_MIN), (500, 500 - KEPT_FILES), (1_024, 900), (9_999, 900)],
)
def test_there_are_fewer_connections_where_few_files_may_be_open(
    monkeypatch: pytest.MonkeyPatch, files: int, most: int
) -> None:
    def limits(_which: int) -> tuple[int, int]:
        return files, files

    monkeypatch.setattr(resource, "getrlimit", limits)

    assert room_for(900) == most

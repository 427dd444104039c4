from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Generator
from http import HTTPStatus

import httpx
import pytest
import structlog

from tests.support.http_client import NO_CERTIFICATES
from tests.support.waiting import PATIENCE_S, wait_until
from worker.health.server import AT_ONCE, ListenError, Reply, listening
from worker.settings.environment import Address

FREE = Address("127.0.0.1", 0)


def well(_accept: str) -> Reply:
    return Reply(HTTPStatus.OK, "text/plain", b"well")


PLACES = {"/livez": well}


def opened(at: Address, default: Address = FREE) -> Generator[str]:
    with structlog.testing.capture_logs() as said, listening(at, default, PLACES):
        yield str(said[0]["at"])


@pytest.fixture
def door() -> Generator[str]:
    yield from opened(FREE)


def connect(door: str) -> socket.socket:
    url = httpx.URL(door)
    return socket.create_connection((url.host, url.port or 0), timeout=PATIENCE_S)


def test_it_answers_what_it_knows_and_names_it_otherwise(door: str) -> None:
    with httpx.Client(verify=NO_CERTIFICATES, base_url=door) as client:
        assert client.get("/livez?verbose").text == "well"
        assert (client.head("/livez").status_code, client.head("/livez").text) == (200, "")
        assert (client.get("/").status_code, client.get("/").text) == (404, "Look at /livez.\n")
        assert client.post("/livez").status_code == 501


def test_a_connection_ends_with_its_answer(door: str) -> None:
    with connect(door) as client:
        client.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n")
        said = client.makefile("rb").read()

    assert (said[:12], said[-4:]) == (b"HTTP/1.0 200", b"well")


def test_who_drips_bytes_is_cut_off(door: str) -> None:
    with connect(door) as client:
        client.sendall(b"GET /livez HTTP/1.1\r\n")
        wait_until(lambda: not takes_more(client), "it is cut off")


def takes_more(client: socket.socket) -> bool:
    try:
        client.sendall(b"x-drip: 1\r\n")
    except OSError:
        return False
    return True


def test_a_crowd_that_says_nothing_keeps_no_probe_out(door: str) -> None:
    crowd = [connect(door) for _ in range(3 * AT_ONCE)]

    assert all(is_well(door) for _ in range(20))

    for client in crowd:
        client.close()


#: A process with a door that may open no file more.
EXHAUSTED = """
import os, resource, sys
from worker.health.server import Reply, listening
from worker.settings.environment import Address

resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
free = Address("127.0.0.1", 0)
with listening(free, free, {"/livez": lambda _accept: Reply(200, "text/plain", b"well")}):
    held = []
    try:
        while True:
            held.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        print("full", flush=True)
    sys.stdin.read()
"""


def test_a_process_that_may_open_no_file_more_is_probed_all_the_same() -> None:
    command = [sys.executable, "-c", EXHAUSTED]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        door = re.findall(r"at=(\S+)", process.stdout.readline())[0]
        assert process.stdout.readline() == "full\n"

        wait_until(lambda: is_well(door), "it is probed")
        crowd = [connect(door) for _ in range(16)]
        wait_until(lambda: is_well(door), "it is probed beside others, which end within seconds")

        for client in crowd:
            client.close()
        process.stdin.close()
        said = process.stdout.read()
    assert said.count("http.unaccepted") == 1
    assert len(said.splitlines()) == 1


def is_well(door: str) -> bool:
    try:
        return httpx.get(f"{door}/livez", timeout=PATIENCE_S).text == "well"
    except httpx.TransportError:
        return False


def test_a_siblings_default_address_is_left_to_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sibling:
        taken = Address(*sibling.getsockname())
        with structlog.testing.capture_logs() as said, listening(taken, taken, PLACES):
            assert is_well(str(said[0]["at"]))
            assert str(taken) not in str(said[0]["at"])


def test_an_address_that_was_asked_for_and_is_taken_is_an_error_with_a_hint() -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        taken = Address(*stranger.getsockname())
        with (
            pytest.raises(ListenError, match=rf"SMS_LISTEN: {taken} cannot be .* Give another"),
            listening(taken, FREE, {}),
        ):
            pass


def test_off_is_off() -> None:
    with structlog.testing.capture_logs() as said, listening(None, FREE, PLACES):
        assert said == []


def test_what_breaks_in_an_answer_is_told_and_breaks_nothing_else() -> None:
    def broken(_accept: str) -> Reply:
        raise LookupError

    with structlog.testing.capture_logs() as said, listening(FREE, FREE, {**PLACES, "/broken": broken}):
        door = str(said[0]["at"])
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{door}/broken")
        assert is_well(door)
        assert [line["event"] for line in said[1:]] == ["http.fault"]

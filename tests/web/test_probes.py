import re
import socket
import subprocess
import sys
from collections.abc import Generator

import httpx
import pytest
import structlog

from tests.support.http_client import NO_CERTIFICATES, is_cut_off
from tests.support.waiting import PATIENCE_S, wait_until
from worker.health.assessment import Work
from worker.health.status import Health
from worker.settings.environment import Address
from worker.web.probes import CONNECTIONS_MAX, probed
from worker.web.server import ListenError

FREE = Address("127.0.0.1", 0)


def health() -> Health:
    result = Health("worker")
    result.runs(Work)
    return result


def opened(at: Address, default: Address = FREE) -> Generator[str]:
    with structlog.testing.capture_logs() as log_entries, probed(at, default, health()):
        yield str(log_entries[0]["at"])


@pytest.fixture
def door() -> Generator[str]:
    yield from opened(FREE)


def connect(door: str) -> socket.socket:
    url = httpx.URL(door)
    return socket.create_connection((url.host, url.port or 0), timeout=PATIENCE_S)


def test_the_health_server_answers_its_three_paths(door: str) -> None:
    with httpx.Client(verify=NO_CERTIFICATES, base_url=door) as client:
        assert client.get("/livez?verbose").json()["role"] == "worker"
        assert (client.head("/livez").status_code, client.head("/livez").text) == (200, "")
        assert "sms_events_total" in client.get("/metrics").text
        assert client.get("/readyz").headers["cache-control"] == "no-store"
        assert (client.get("/").status_code, client.get("/").text) == (404, "Look at /livez, /readyz, /metrics.\n")
        assert client.post("/livez").status_code == 405


def test_silent_connections_keep_no_probe_out(door: str) -> None:
    crowd = [connect(door) for _ in range(3 * CONNECTIONS_MAX)]

    assert all(is_well(door) for _ in range(20))

    for client in crowd:
        client.close()


def test_a_client_that_reads_no_answer_is_cut_off(door: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.web.connection_limits.EXCHANGE_S", 0.5)
    with connect(door) as client:
        client.settimeout(0)
        wait_until(
            lambda: is_cut_off(client, sending=1_000 * b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"), "it is cut off"
        )


#: A process with a door that may open no file more.
EXHAUSTED = """
import os, resource, sys
from worker.health.assessment import Work
from worker.health.status import Health
from worker.settings.environment import Address
from worker.web.probes import probed

resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
free, health = Address("127.0.0.1", 0), Health("worker")
health.runs(Work)
with probed(free, free, health):
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
        value = process.stdout.read()
    assert value.count("http.unaccepted") == 1
    assert len(value.splitlines()) == 1


def is_well(door: str) -> bool:
    try:
        return httpx.get(f"{door}/livez", timeout=PATIENCE_S, verify=NO_CERTIFICATES).status_code == 200
    except httpx.TransportError:
        return False


def test_a_siblings_default_address_is_left_to_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sibling:
        taken = Address(*sibling.getsockname())
        with structlog.testing.capture_logs() as log_entries, probed(taken, taken, health()):
            assert is_well(str(log_entries[0]["at"]))
            assert str(taken) not in str(log_entries[0]["at"])


def test_a_given_listen_address_that_is_taken_is_an_error_with_a_hint() -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        taken = Address(*stranger.getsockname())
        with (
            pytest.raises(ListenError, match=rf"SMS_LISTEN: {taken} cannot be .* Give another"),
            probed(taken, FREE, health()),
        ):
            pass


def test_off_is_off() -> None:
    with structlog.testing.capture_logs() as log_entries, probed(None, FREE, health()):
        assert log_entries == []


def test_a_fault_in_an_answer_is_logged_and_breaks_no_other() -> None:
    def broken() -> Work:
        raise LookupError

    sick = Health("worker")
    with structlog.testing.capture_logs() as log_entries, probed(FREE, FREE, sick):
        door = str(log_entries[0]["at"])
        sick._stage = ("", broken)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] a fault that no process has
        answer = httpx.get(f"{door}/livez")
        assert (answer.status_code, answer.text) == (500, "Internal Server Error\n")
        assert "sms_events_total" in httpx.get(f"{door}/metrics").text
        assert [line["event"] for line in log_entries[1:]] == ["http.fault"]

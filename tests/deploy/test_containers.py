import socket
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import UnixStreamServer
from threading import Thread

import pytest

from deploy.services.containers import docker_answers


class Daemon(BaseHTTPRequestHandler):
    """As much of Docker's API as a ping needs: https://docs.docker.com/reference/api/engine/version/v1.44/."""

    def do_GET(self) -> None:
        body = b'{"ApiVersion": "1.44"}' if self.path.endswith("version") else b"OK"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "a Unix socket has none"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        pass


@contextmanager
def _daemon(path: Path) -> Generator[None]:
    with UnixStreamServer(str(path), Daemon) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield
        server.shutdown()
        thread.join()


@pytest.fixture
def docker_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    return tmp_path / "docker.sock"


def test_a_daemon_that_answers_a_ping_is_there(docker_socket: Path) -> None:
    with _daemon(docker_socket):
        assert docker_answers()


def test_no_daemon_is_there_without_its_socket(docker_socket: Path) -> None:
    assert not docker_socket.exists()
    assert not docker_answers()


def test_a_socket_that_hangs_up_is_not_a_daemon(docker_socket: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(docker_socket))
        listener.listen()
        thread = Thread(target=_hang_up, args=(listener,))
        thread.start()

        answered = docker_answers()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()

        assert not answered


def _hang_up(listener: socket.socket) -> None:
    while True:
        try:
            listener.accept()[0].close()
        except OSError:
            return

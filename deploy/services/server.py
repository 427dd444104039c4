"""One private server process: its ports, its start, whether it answers, its end."""

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from deploy.services.errors import ServicesError
from deploy.services.processes import MARK, Account, end_processes

BETWEEN = 0.05
METHOD_FRAME = b"\x01"


def wait_for(answers: Callable[[], bool], *, within: float, while_true: Callable[[], bool] = lambda: True) -> bool:
    """Ask until the answer is yes; give up after so many seconds, or as soon as `while_true` no longer holds."""
    deadline = time.monotonic() + within
    while not answers():
        if time.monotonic() > deadline or not while_true():
            return False
        time.sleep(BETWEEN)
    return True


def answers_amqp(host: str, port: int) -> bool:
    """Whether the protocol header is answered with Connection.Start (AMQP 0-9-1, section 4.2.2)."""
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            return connection.recv(1) == METHOD_FRAME
    except OSError:
        return False


def answers_sql(url: str) -> bool:
    """Whether PostgreSQL accepts connections there; false while it still recovers after a crash."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def answers_tcp(port: int) -> bool:
    """Whether anybody listens on this port of the loopback interface."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def answers_unix(path: str) -> bool:
    """Whether anybody listens on this Unix socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(path) == 0


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


START_PATIENCE, STOP_PATIENCE = 90.0, 30.0
LOG_LINES = 15


@dataclass(frozen=True, slots=True)
class Launch:
    """How a server is started: it stays in the foreground and writes its log to its two outputs."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM

    def options(self, folder: Path) -> dict[str, Any]:
        """Of `subprocess`, for a process that belongs to this folder."""
        account = self.account
        return {
            "env": {**self.environment, MARK: str(folder)},
            "cwd": folder,
            "stdin": subprocess.DEVNULL,
            "start_new_session": True,  # a terminal's Ctrl-C is for the command that uses the server
            "user": account.user if account else None,
            "group": account.group if account else None,
            "extra_groups": [] if account else None,
        }


@dataclass(slots=True)
class Server:
    """A server of ours and everything it has started, living in one folder."""

    name: str
    version: str
    folder: Path
    launch: Launch
    answers: Callable[[], bool]
    _process: subprocess.Popen[Any] | None = field(default=None, init=False)

    @property
    def pid(self) -> int:
        """The server's main process, also after its end; RuntimeError before the first start."""
        if self._process is None:
            raise RuntimeError(f"{self.name} has not been started")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the main process lives; it may still be starting, or be stopped by SIGSTOP."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the server unless it runs, and wait until it answers."""
        self.begin()
        self.await_ready()

    def begin(self) -> None:
        """Start the server unless it runs, without waiting."""
        if self.is_running:
            return
        end_processes(self.folder)  # what a main process killed by others may have left
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - a program we have found
                self.launch.command, **self.launch.options(self.folder), stdout=log, stderr=log
            )

    def await_ready(self) -> None:
        """Wait until the server answers; raise ServicesError with the end of its log when it does not."""
        if not wait_for(self.answers, within=START_PATIENCE, while_true=lambda: self.is_running):
            raise ServicesError(f"{self.name} did not start. The end of its log:\n{self._end_of_log()}")

    def stop(self) -> None:
        """End the server in an orderly way, or by force after half a minute; its data stay."""
        if self._process is not None and self.is_running:
            self._process.send_signal(self.launch.stop_signal)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_PATIENCE)
        self.kill()

    def kill(self) -> None:
        """SIGKILL for the main process and everything it has started, at once; its data stay.

        Seen with RabbitMQ 3.10: it writes declarations down with delay, so a queue declared in the last second
        may be lost, or, a quorum queue, never find a leader again; and after a start a quorum queue refuses
        messages for some tenths of a second, until it has elected one.
        """
        if self._process is not None and self.is_running:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        end_processes(self.folder)

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _end_of_log(self) -> str:
        with suppress(OSError):
            return "\n".join(self._log.read_text(errors="replace").splitlines()[-LOG_LINES:])
        return "(none)"

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.services import local_services
from deploy.services.local import Pair, new_folder, remove_folder
from deploy.services.postgresql import private_postgresql
from deploy.services.processes import own_processes
from deploy.services.programs import THIS_MACHINE, find_postgresql
from deploy.services.server import wait_for
from tests.support.waiting import PATIENCE_S
from worker.settings.environment import AMQP, DATABASE

ROOT = Path(__file__).parents[2]
WITHOUT_URLS = {name: value for name, value in os.environ.items() if name not in (AMQP, DATABASE)}
RUN = (sys.executable, "-m", "deploy.services", "run")


@dataclass(frozen=True, slots=True)
class Run:
    """A command in a session of its own, and the files of its output."""

    process: subprocess.Popen[bytes]
    stdout: Path
    stderr: Path

    def match(self, pattern: str) -> re.Match[str]:
        def result() -> re.Match[str] | None:
            return re.search(pattern, self.stdout.read_text() + self.stderr.read_text())

        wait_for(lambda: result() is not None, within=PATIENCE_S, while_true=lambda: self.process.poll() is None)
        match = result()
        assert match, f"{pattern} was never printed: {self.stdout.read_text()}{self.stderr.read_text()}"
        return match

    def folder(self) -> Path:
        return Path(self.match(r"in (/\S+) \(ready in")[1])

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def send_to_group(self, number: signal.Signals) -> None:
        os.killpg(self.process.pid, number)

    def code(self) -> int:
        return self.process.wait(PATIENCE_S)


Start = Callable[..., Run]


def has_left(folder: Path) -> tuple[bool, list[int]]:
    """Whether the folder is still there, and which processes are."""
    return folder.exists(), own_processes(folder)


NOTHING: tuple[bool, list[int]] = (False, [])


@pytest.fixture(scope="package")
def private() -> Generator[Pair]:
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as environment:
            environment.delenv(AMQP, raising=False)
            environment.delenv(DATABASE, raising=False)
            services = stack.enter_context(local_services())
        assert isinstance(services, Pair)
        yield services


@pytest.fixture(scope="package")
def postgresql() -> Generator[str]:
    """A server that asks for its password and is of the same version as pg_dump, whatever URLs the environment has."""
    programs, folder = find_postgresql(THIS_MACHINE), new_folder(durable=False)
    assert programs
    made = private_postgresql(folder, programs, durable=False)
    try:
        made.server.start()
        yield made.maintenance_url
    finally:
        made.server.kill()
        remove_folder(folder)


@pytest.fixture
def given(services: tuple[str, str]) -> dict[str, str]:
    return {**WITHOUT_URLS, AMQP: services[0], DATABASE: services[1]}


@pytest.fixture
def start(tmp_path: Path) -> Generator[Start]:
    runs: list[Run] = []

    def result(*command: str, environment: dict[str, str] = WITHOUT_URLS, stdin: int = subprocess.DEVNULL) -> Run:
        stdout, stderr = (tmp_path / f"{len(runs)}.{name}" for name in ("stdout", "stderr"))
        with stdout.open("wb") as out, stderr.open("wb") as err:
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=stdin, stdout=out, stderr=err, start_new_session=True
            )
        runs.append(Run(process, stdout, stderr))
        return runs[-1]

    yield result
    for run in runs:
        with suppress(ProcessLookupError):
            run.send(signal.SIGTERM)
        run.code()

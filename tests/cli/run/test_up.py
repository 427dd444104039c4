import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from pika.adapters.blocking_connection import BlockingChannel

from tests.cli.conftest import Command
from tests.support.http_client import http
from tests.support.waiting import PATIENCE_S, wait_until
from worker.cli.run.up import listening
from worker.core.sending.notification_states import TO_SEND
from worker.settings.environment import LISTEN, Settings, load

ROOT = Path(__file__).parents[3]
STARTED = ("worker.started", "scheduler.started", "callbacks.listening")


class Everything:
    """`perfectum-sms up --simulator` and its output."""

    def __init__(self, environ: dict[str, str], folder: Path) -> None:
        self.out, self.err = folder / "up.log", folder / "up.err.txt"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            command = [sys.executable, "-m", "worker", "up", "--simulator", "--simulator-port", "0"]
            self.process = subprocess.Popen(command, env={**os.environ, **environ}, stdout=out, stderr=err)

    def lines(self, action: str) -> list[dict[str, Any]]:
        body = [json.loads(line) for line in self.out.read_text().splitlines() if line.endswith("}")]
        return [line for line in body if line.get("event.action") == action]

    def is_running(self) -> bool:
        assert self.process.poll() is None, self.err.read_text()
        return all(map(self.lines, STARTED))

    @property
    def children(self) -> list[int]:
        """Their process ids."""
        return [self.lines(name)[0]["process.pid"] for name in STARTED]

    def messages(self, command: Command) -> list[dict[str, Any]]:
        """What the simulator got."""
        return command("simulator", "messages", "--json", "--url", self.simulator_url).json

    @property
    def simulator_url(self) -> str:
        match = re.search(r"http://127\.0\.0\.1:\d+", self.err.read_text())
        assert match, self.err.read_text()
        return match[0]


@pytest.fixture
def everything(
    unset: None,  # noqa: ARG001
    amqp_url: str,
    empty_database_url: str,
    outputs: Path,
    request: pytest.FixtureRequest,
) -> Generator[Everything]:
    folder = outputs / request.node.name
    folder.mkdir()
    started = Everything({"SMS_AMQP_URL": amqp_url, "SMS_DATABASE_URL": empty_database_url}, folder)
    try:
        wait_until(started.is_running, "worker and scheduler")
        yield started
    finally:
        started.process.terminate()
        started.process.wait(PATIENCE_S)


@pytest.fixture
def command(bare: Command, everything: Everything, amqp_url: str, empty_database_url: str) -> Command:  # noqa: ARG001
    return Command({"SMS_AMQP_URL": amqp_url, "SMS_DATABASE_URL": empty_database_url})


def test_what_the_readme_has_one_try_works_until_ctrl_c(
    command: Command, everything: Everything, channel: BlockingChannel
) -> None:
    example = command("event", "example", "order.created").out
    published = command("event", "publish", "-", given=example)
    wait_until(lambda: everything.messages(command), "the SMS in the simulator")

    assert published.code == 0
    assert [item["recipient"] for item in everything.messages(command)] == ["380671234567"]
    assert "SMS_SECRET_KEY=perfectum-sms-development-key" in everything.err.read_text()
    wait_until(lambda: command("history", "--json").json[0]["state"] == "delivered", "the receipt in the ledger")

    said = everything.err.read_text()
    links = [found[0] for found in (re.findall(r"http://\S+/entry/\S+", said), re.findall(r"http://\S+/inbox", said))]
    assert [http.get(link).status_code for link in links] == [200, 200]

    lines = play_a_crm(everything, command.environ)
    channel.queue_delete("crm-demo.outcomes")
    wait_until(lambda: not waits(command), "the text by the API has gone")

    assert [line[0] for line in lines] == ["published", "heard", "heard", "sent", "listed", "listed"]
    assert [line[2] for line in lines if line[0] == "heard"] == ["accepted", "delivered"]
    assert [line[3] for line in lines if line[0] == "listed"] == ["sms_send_requested", "order_created"]
    assert len(everything.messages(command)) == 3

    everything.process.send_signal(signal.SIGINT)

    assert everything.process.wait(PATIENCE_S) == 0
    assert [Path(f"/proc/{pid}").exists() for pid in everything.children] == [False, False, False]
    assert everything.lines("worker.stopped")
    assert everything.lines("console.stopped")


def play_a_crm(everything: Everything, environ: dict[str, str]) -> list[list[str]]:
    """What the README has one type for it, after the lines that `up` has one paste."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    [typed] = [block for block in blocks if "crm.py" in block]
    pasted = re.findall(r"^  (export .*)$", everything.err.read_text(), re.MULTILINE)
    played = subprocess.run(
        ["sh", "-e", "-c", "\n".join([*pasted, typed])],
        cwd=ROOT,
        check=False,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert played.returncode == 0, played.stdout + played.stderr
    return [line.split() for line in played.stdout.splitlines()]


def waits(command: Command) -> bool:
    return any(text["state"] in TO_SEND for text in command("history", "--json").json)


@pytest.mark.long
def test_up_ends_with_a_dead_child(everything: Everything) -> None:
    os.kill(everything.lines("scheduler.started")[0]["process.pid"], signal.SIGKILL)

    assert everything.process.wait(PATIENCE_S) == 1
    assert everything.lines("worker.stopped")


@pytest.mark.parametrize(
    ("written", "worker", "scheduler", "console"),
    [
        ("", "", "", ""),
        ("off", "off", "off", "off"),
        ("127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"),
        ("0.0.0.0:9000", "0.0.0.0:9000", "0.0.0.0:9001", "0.0.0.0:9002"),
        ("[::1]:9000", "[::1]:9000", "[::1]:9001", "[::1]:9002"),
    ],
)
def test_up_gives_its_children_listen_addresses_of_their_own(
    written: str, worker: str, scheduler: str, console: str
) -> None:
    settings = load({LISTEN: written}, needs=())
    assert isinstance(settings, Settings)

    assert listening(settings) == {"worker": worker, "scheduler": scheduler, "console": console}


def test_up_without_a_simulator_needs_a_key(run: Command) -> None:
    result = run("up", SMS_SECRET_KEY="")

    assert (result.code, "SMS_SECRET_KEY is not set" in result.err) == (1, True)

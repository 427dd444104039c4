import os
import signal
import sys
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.services.__main__ import app
from deploy.services.processes import ENDING
from tests.deploy.conftest import RUN, Start

LISTENER = """
import signal, sys, time
heard = []
def hear(number, frame):
    print("heard", number, flush=True)
    heard.append(number)
    if len(heard) == 3:
        sys.exit(9)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, hear)
print("listening", flush=True)
while True:
    time.sleep(60)
"""
SLOW_TO_END = """
import time
print("listening", flush=True)
ended = time.monotonic() + 60
heard = 0
while time.monotonic() < ended:
    try:
        time.sleep(0.5)
        if heard:
            print("finished after", heard, flush=True)
            raise SystemExit(9)
    except KeyboardInterrupt:
        heard += 1
"""


@pytest.fixture
def signals_restored() -> Generator[None]:
    before = {number: signal.getsignal(number) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_command_gets_both_urls_and_its_exit_code_passes_through(start: Start, given: dict[str, str]) -> None:
    run = start(*RUN, "--", "sh", "-c", 'echo "$SMS_AMQP_URL $SMS_DATABASE_URL"; exit 7', environment=given)

    assert run.code() == 7
    assert run.stdout.read_text() == f"{given['SMS_AMQP_URL']} {given['SMS_DATABASE_URL']}\n"
    assert run.stderr.read_text().startswith("services: RabbitMQ at 127.0.0.1:")


def test_a_command_that_a_signal_ended_gives_128_plus_its_number(start: Start, given: dict[str, str]) -> None:
    run = start(*RUN, "--", "sh", "-c", "kill -USR1 $$", environment=given)

    assert run.code() == 128 + signal.SIGUSR1


def test_a_signal_to_the_parent_alone_reaches_the_command(start: Start, given: dict[str, str]) -> None:
    run = start(*RUN, "--", sys.executable, "-c", LISTENER, environment=given)
    run.match("listening")

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in numbers:
        run.send(number)
        run.match(f"heard {number:d}\n")

    assert run.code() == 9
    assert run.stdout.read_text() == "".join(["listening\n", *(f"heard {number:d}\n" for number in numbers)])


def test_a_signal_to_the_group_reaches_the_command_once(start: Start, given: dict[str, str]) -> None:
    run = start(*RUN, "--", sys.executable, "-c", SLOW_TO_END, environment=given)
    run.match("listening")

    run.send_to_group(signal.SIGINT)

    assert run.code() == 9
    assert run.stdout.read_text() == "listening\nfinished after 1\n"


def test_ctrl_c_at_a_terminal_reaches_the_command_once(start: Start, given: dict[str, str]) -> None:
    keyboard, terminal = os.openpty()
    with closing(os.fdopen(keyboard, "wb", buffering=0)) as keys, closing(os.fdopen(terminal)) as screen:
        at_terminal = ("setsid", "--ctty", "--wait", *RUN, "--", sys.executable, "-c", SLOW_TO_END)
        run = start(*at_terminal, environment=given, stdin=screen.fileno())
        run.match("listening")

        keys.write(b"\x03")

        assert run.code() == 9
        assert run.stdout.read_text() == "listening\nfinished after 1\n"


def test_an_unknown_command_is_an_error_before_anything_starts() -> None:
    run = CliRunner().invoke(app, ["run", "--", "no-such-command"])

    assert run.exit_code == 127
    assert run.stderr == "services: no-such-command: command not found\n"


def test_without_arguments_it_teaches() -> None:
    assert "SMS_AMQP_URL and SMS_DATABASE_URL" in CliRunner().invoke(app).stdout


@pytest.mark.usefixtures("signals_restored")
def test_a_failed_start_is_one_line_and_exit_code_1(given: dict[str, str], tmp_path: Path) -> None:
    touch = ["run", "--", "touch", str(tmp_path / "ran")]
    run = CliRunner().invoke(app, touch, env={**given, "SMS_DATABASE_URL": ""})

    assert run.exit_code == 1
    assert run.stderr == (
        "services: SMS_AMQP_URL is set, SMS_DATABASE_URL is not. "
        "Set both, or neither to have services started for you.\n"
    )
    assert not (tmp_path / "ran").exists()

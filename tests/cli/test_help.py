from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.conftest import Command
from worker.amqp.topology import QUEUES

COMMANDS = [
    (),
    *[
        (name,)
        for name in (
            "up",
            "worker",
            "scheduler",
            "console",
            "health",
            "migrate",
            "check",
            "history",
            "demo",
            "simulator",
        )
    ],
    *[("simulator", name) for name in ("messages", "fate", "status", "stop", "account", "callbacks", "callback")],
    *[("simulator", name) for name in ("callback-fault", "fault", "advance", "set")],
    *[("account", name) for name in ("add", "set", "list", "show", "doubt", "resume", "token", "export", "import")],
    *[("trigger", name) for name in ("list", "show", "on", "off", "set")],
    *[("template", name) for name in ("list", "show", "versions", "shortcodes", "add", "edit", "rollback", "delete")],
    *[("template", name) for name in ("lint", "preview", "set", "test-send")],
    *[("suppression", name) for name in ("add", "remove", "erase", "list", "import", "export")],
    *[("unconfirmed", name) for name in ("list", "resend", "sent")],
    *[("event", name) for name in ("publish", "example", "types")],
    *[("dead", name) for name in ("list", "show", "replay", "drop")],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_needs_no_settings(bare: Command, command: tuple[str, ...]) -> None:
    said = bare(*command, "--help")

    assert (said.code, said.err) == (0, "")
    assert "Usage: " in said.out


def test_help_lists_the_exit_codes(bare: Command) -> None:
    said = bare("--help", COLUMNS="300").out

    assert "0 done, 1 failed, 2 wrong usage, 3 the thing asked for was not found, 4 RabbitMQ" in said


def test_help_loads_neither_dramatiq_nor_the_simulator() -> None:
    code = "import sys, worker.cli; print({'dramatiq', 'pika', 'starlette', 'httpx'} & set(sys.modules))"

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "set()"


def test_an_unknown_queue_is_wrong_usage(run: Command) -> None:
    said = run("worker", "--queues", "sms.urgent,sms.urgnet")

    assert (said.code, "sms.urgnet" in said.err, QUEUES[0] in said.err) == (2, True, True)


def test_colours_are_left_out_on_request(bare: Command) -> None:
    assert "\x1b" not in bare("event", "types", NO_COLOR="1").out


@pytest.mark.parametrize("command", ["worker", "scheduler", "check", "up"])
def test_a_process_without_settings_names_them_all(bare: Command, command: str) -> None:
    said = bare(command)

    assert (said.code, "SMS_AMQP_URL is not set" in said.err, "SMS_DATABASE_URL is not set" in said.err) == (
        1,
        True,
        True,
    )

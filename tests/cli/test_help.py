import re
import subprocess
import sys

import pytest

from tests.cli.conftest import Command
from worker.amqp.topology import QUEUES
from worker.cli import lazy_commands

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
            "why",
            "audit",
            "privacy",
            "pause",
            "resume",
            "pauses",
            "cancel",
            "resend",
            "send",
            "demo",
            "simulator",
        )
    ],
    *[("simulator", name) for name in ("messages", "fate", "status", "stop", "account", "callbacks", "callback")],
    *[("simulator", name) for name in ("callback-fault", "fault", "advance", "set")],
    *[("account", name) for name in ("add", "set", "list", "show", "resume", "token", "export", "import")],
    *[("apikey", name) for name in ("add", "list", "revoke")],
    *[("trigger", name) for name in ("list", "show", "on", "off", "set")],
    *[("template", name) for name in ("list", "show", "versions", "shortcodes", "add", "edit", "rollback", "delete")],
    *[("template", name) for name in ("lint", "preview", "set", "test-send")],
    *[("suppression", name) for name in ("add", "remove", "erase", "list", "import", "export")],
    *[("unconfirmed", name) for name in ("list", "resend", "sent")],
    *[("event", name) for name in ("publish", "example", "types")],
    *[("stats",), ("stats", "cost"), ("stats", "texts")],
    *[("dead", name) for name in ("list", "show", "edit", "replay", "drop")],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_needs_no_settings(bare: Command, command: tuple[str, ...]) -> None:
    result = bare(*command, "--help")

    assert (result.code, result.err) == (0, "")
    assert "Usage: " in result.out


def test_help_lists_every_command_and_the_exit_codes(bare: Command) -> None:
    output = bare("--help", COLUMNS="300").out

    assert all(re.search(rf"^│ {name} +\w", output, re.MULTILINE) for name in lazy_commands.COMMANDS)
    assert "0 done, 1 failed, 2 wrong usage, 3 the thing asked for was not found, 4 RabbitMQ" in output


#: What a process has imported once it has shown the help of a command, and then that of all.
IMPORTED = """
import sys
from worker.cli import app
for arguments in (["--help"], ["suppression", "list", "acme"], ["account", "--help"]):
    try:
        app(arguments)
    except SystemExit:
        sys.stderr.write(" ".join(["imported", *sys.modules]) + "\\n")
"""


def test_help_imports_its_own_room_and_no_library_of_processes() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTED], capture_output=True, text=True, check=True)
    everything, listing, one = [
        set(line.split()[1:]) for line in done.stderr.splitlines() if line.startswith("imported")
    ]

    rooms = {f"worker.cli.{module.partition('.')[0]}" for module in lazy_commands.COMMANDS.values()}
    assert {name for name in everything if name.startswith((*rooms, "psycopg", "pydantic", "structlog"))} == set()
    assert {"cryptography", "num2words", "structlog", "worker.core.contract.event_types"} & listing == set()
    others = ("worker.cli.run", "worker.cli.demo", "worker.cli.history", "worker.cli.event", "worker.cli.simulator")
    sending = ("worker.amqp", "worker.turbosms.client", "worker.steps.sending", "worker.simulator", "schedules")
    assert "worker.cli.account.commands" in one
    assert {name for name in one if name.startswith((*others, *sending))} == set()
    assert {"dramatiq", "pika", "starlette", "httpx"} & listing == set()


def test_a_summary_is_how_the_help_of_its_command_begins() -> None:
    helps = {name: lazy_commands.loaded(name).help or "" for name in lazy_commands.COMMANDS}

    begin = {name: " ".join(text.strip().split("\n\n")[0].split()) for name, text in helps.items()}
    assert begin == lazy_commands.SUMMARIES


def test_an_unknown_queue_is_wrong_usage(run: Command) -> None:
    result = run("worker", "--queues", "sms.urgent,sms.urgnet")

    assert (result.code, "sms.urgnet" in result.err, QUEUES[0] in result.err) == (2, True, True)


def test_colours_are_left_out_on_request(bare: Command) -> None:
    assert "\x1b" not in bare("event", "types", NO_COLOR="1").out


@pytest.mark.parametrize("command", ["worker", "scheduler", "check", "up"])
def test_a_process_without_settings_names_them_all(bare: Command, command: str) -> None:
    result = bare(command)

    assert (result.code, "SMS_AMQP_URL is not set" in result.err, "SMS_DATABASE_URL is not set" in result.err) == (
        1,
        True,
        True,
    )

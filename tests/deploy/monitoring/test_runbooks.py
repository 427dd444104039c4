"""A runbook for each alert: what it means for clients, where to look, what to do, whom to wake; its commands parse."""

import re
import shlex
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from tests.deploy.dockerfile import ROOT
from tests.deploy.monitoring.test_alerts import EACH, RULES
from tests.house.test_pages import invocations
from worker.cli import app

PAGE = ROOT / "deploy/runbooks.md"
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL))
PARTS = ("**Clients**", "**Look**", "**Do**", "**Wake somebody**")
COMMANDS = [" ".join(arguments) for arguments in invocations(PAGE)]


def test_runbooks_stand_in_the_order_of_the_alerts() -> None:
    assert list(SECTIONS) == [rule["alert"] for rule in RULES]


@EACH
def test_an_alert_leads_to_its_runbook(rule: dict[str, Any]) -> None:
    assert rule["annotations"]["runbook_url"] == f"deploy/runbooks.md#{rule['alert'].lower()}"


@EACH
def test_a_runbook_says_what_it_means_where_to_look_what_to_do_and_whom_to_wake(rule: dict[str, Any]) -> None:
    section = SECTIONS[rule["alert"]]
    places = [section.find(part) for part in PARTS]

    assert -1 not in places
    assert places == sorted(places)
    assert "```sh\n" in section
    wakes = section.rpartition("**Wake somebody**")[2]
    assert re.match(r"\s+(at\s+once|in\s+the\s+morning|within\s+the\s+working\s+day)", wakes)
    assert bool(re.match(r"\s+at\s+once", wakes)) == (rule["labels"]["severity"] == "critical")


@pytest.mark.parametrize("text", COMMANDS)
def test_a_command_of_a_runbook_parses(text: str) -> None:
    assert refusal(shlex.split(text)) is None


@pytest.mark.parametrize("text", ["dead list --nope", "dead show", "dead", "account set acme --rate many", "nothing"])
def test_a_wrong_command_does_not_parse(text: str) -> None:
    assert refusal(text.split())


def refusal(arguments: list[str]) -> str | None:
    """Why the program would not take these arguments."""
    command = typer.main.get_command(app)
    while isinstance(command, TyperGroup) and arguments and arguments[0] in command.commands:
        command, arguments = command.commands[arguments[0]], arguments[1:]
    if arguments == ["--help"]:
        return None
    if isinstance(command, TyperGroup) and not command.invoke_without_command:
        return f"{command.name} wants a command"
    try:
        command.make_context(command.name, arguments)
    except typer.TyperException as error:
        return str(error) or type(error).__name__
    return None


def test_log_lines_that_runbooks_look_for_are_written() -> None:
    named = set(re.findall(r'"event\.action" == "([\w.]+)"', PAGE.read_text()))
    sources = [path.read_text() for folder in ("worker", "schedules") for path in (ROOT / folder).rglob("*.py")]

    assert named
    assert {action for action in named if not any(f'"{action}"' in source for source in sources)} == set()

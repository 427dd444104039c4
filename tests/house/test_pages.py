"""What the pages show exists: links, files, commands, make targets, settings, states and figures."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from worker.amqp.broker import BATCH_ACTORS
from worker.bootstrap import CONNECTIONS
from worker.cli import app
from worker.core.contract.event_types import TYPES
from worker.core.reminders.schedule import DEFAULTS
from worker.core.sending.notification_states import MOVES
from worker.settings.environment import FILES, NAMES
from worker.steps.receipts.poll import AT_ONCE
from worker.web.api import door
from worker.web.embed import client_page
from worker.web.pages import door as pages_door
from worker.web.pages import job_thread
from worker.web.process import ACCOUNTS_AT_ONCE

ROOT = Path(__file__).parents[2]
COMMAND = typer.main.get_command(app)
FOLDERS = (".github", "worker", "schedules", "sql", "tests", "deploy")
PAGES = [*ROOT.glob("*.md"), *(page for folder in FOLDERS for page in sorted((ROOT / folder).rglob("*.md")))]
EACH = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
CODE = re.compile(r"```.*?\n(.*?)```|`((?:[^`\n]|\n(?!\n))+)`", re.DOTALL)
ENDS_COMMAND = re.compile(r"\s#|[|;>&]|\s-\s*$")
DECISIONS = (ROOT / ".github/DECISIONS.md").read_text()
RUNNING = (ROOT / "deploy/running.md").read_text()
CONTRIBUTING = (ROOT / ".github/CONTRIBUTING.md").read_text()
#: Read by our tests alone, or a pattern of names.
NOT_OF_THE_PRODUCT = {"SMS_STORIES"}


def snippets(page: Path) -> Iterator[str]:
    """Each line of code of a page: of its blocks, and of its prose."""
    for block, span in CODE.findall(page.read_text()):
        yield from (block.replace("\\\n", " ").splitlines() if block else [span.replace("\n", " ")])


def invocations(page: Path) -> Iterator[list[str]]:
    for line in snippets(page):
        for text in re.split(r"\bperfectum-sms ", line)[1:]:
            yield ENDS_COMMAND.split(text)[0].split()
        if isinstance(COMMAND, TyperGroup) and (text := line.split())[1:] and text[0] in COMMAND.commands:
            yield text


def fault(arguments: list[str]) -> str | None:
    """Whatever of a command does not exist."""
    command = COMMAND
    for text in arguments:
        options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        if text.startswith("-"):
            if text.split("=")[0] not in options | {"--help"}:
                return f"{command.name} has no {text}"
        elif isinstance(command, TyperGroup) and text in command.commands:
            command = command.commands[text]
        elif isinstance(command, TyperGroup) and not command.invoke_without_command and re.match(r"[a-z]", text):
            return f"{command.name} has no {text}"
    return None


@EACH
def test_commands_of_a_page_exist(page: Path) -> None:
    faults = {" ".join(arguments): fault(arguments) for arguments in invocations(page)}

    assert {text: what for text, what in faults.items() if what} == {}


@EACH
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)", page.read_text())

    for path, heading in links:
        target = (page.parent / path) if path else page
        assert target.exists(), path
        assert not heading or heading in headings(target), f"{path}#{heading}"


def headings(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@EACH
def test_files_of_a_page_exist(page: Path) -> None:
    named = re.findall(
        r"`((?:[\w.-]+/)*[\w.@-]+\.(?:py|sql|sh|yaml|yml|toml|lock|service|md)|(?:[\w-]+/)+)`", page.read_text()
    )
    missing = [name for name in named if not any((base / name).exists() for base in bases(page))]

    assert missing == []


def bases(page: Path) -> list[Path]:
    worker = ROOT / "worker"
    return [ROOT, page.parent, worker, worker / "core", worker / "store"]


@EACH
def test_make_targets_of_a_page_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    asked = {target for line in snippets(page) for target in re.findall(r"(?:^|\$ )make ([a-z][a-z-]*)", line)}

    assert asked <= targets


@EACH
def test_alerts_of_a_page_exist(page: Path) -> None:
    alerts = re.findall(r"alert: (\w+)", (ROOT / "deploy/prometheus/alerts.yml").read_text())

    assert set(re.findall(r"`(Sms[A-Z]\w+)`", page.read_text())) <= set(alerts)


@EACH
def test_settings_of_a_page_exist(page: Path) -> None:
    asked = set(re.findall(r"\bSMS_[A-Z_]+\b", page.read_text()))

    assert asked - NOT_OF_THE_PRODUCT <= {*NAMES, *FILES}


def test_every_move_of_a_notification_is_documented() -> None:
    rows = re.findall(r"^\| ((?:`[a-z]+`(?:, )?)+) \|((?: `[a-z]+`)*) \|$", CONTRIBUTING, re.MULTILINE)
    moves = {
        before: set(re.findall(r"`([a-z]+)`", after))
        for states, after in rows
        for before in re.findall(r"[a-z]+", states)
    }

    assert moves == MOVES


def test_the_decision_records_are_ten_commits() -> None:
    hashes = re.findall(r"^\| `([0-9a-f]{7,12})` \| [^|]+\. \|$", DECISIONS, re.MULTILINE)

    assert len(set(hashes)) == len(hashes) == 10


def test_every_setting_is_documented() -> None:
    assert [name for name in NAMES if f"| `{name}` |" not in RUNNING] == []


def test_a_pooler_gets_as_many_servers_as_documented() -> None:
    # A probe has a connection of its own, and asks through another who answers there.
    worker = CONNECTIONS + 2 * len(BATCH_ACTORS)
    console = ACCOUNTS_AT_ONCE + 3 + door.THREADS + client_page.THREADS + pages_door.WORKING + job_thread.CONNECTIONS

    assert f"({worker} a worker, {6 + AT_ONCE} a scheduler, {console} a console)" in RUNNING


def test_every_type_of_event_is_documented() -> None:
    page = (ROOT / "worker/core/contract/publishing.md").read_text()
    named = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", page))

    assert {name for name in TYPES if not name.endswith((".saved", ".deleted"))} <= named


def test_every_trigger_of_the_clock_is_documented() -> None:
    page = (ROOT / "schedules/reminders.md").read_text()
    rows = re.findall(r"^\| ((?:`[a-z_]+`(?:, )?)+) \|", page, re.MULTILINE)

    assert {name for row in rows for name in re.findall(r"[a-z_]+", row)} == set(DEFAULTS)

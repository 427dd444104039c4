"""Write deploy/man/perfectum-sms.1: the manual page of every command, made from the commands themselves."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from typer.main import get_command

from worker.cli import app

ROOT = Path(__file__).parents[1]
FILE = ROOT / "deploy/man/perfectum-sms.1"
RELEASE = re.compile(r"^## (\d+\.\d+\.\d+) - (\d{4}-\d\d-\d\d)$", re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")
ITEM = "- "
#: Each command has it, so the page names it once.
HELP = "--help"


def manual() -> str:
    """The page, dated by the newest release of the changelog."""
    commands = list(tree(get_command(app), "perfectum-sms"))
    (name, whole), *others = commands
    version, day = RELEASE.findall((ROOT / "CHANGELOG.md").read_text())[0]
    lines = [
        f'.TH PERFECTUM\\-SMS 1 {day} "perfectum\\-sms {version}" "Perfectum SMS worker"',
        ".SH NAME",
        "perfectum\\-sms \\- turn events of a CRM into SMS and Viber messages through TurboSMS",
        ".SH SYNOPSIS",
        f".B {escaped(name)}",
        "[\\fIoptions\\fR] \\fIcommand\\fR [\\fIarguments\\fR]",
        ".SH DESCRIPTION",
        *prose(whole.help),
        ".SH OPTIONS",
        *parameters(whole),
        ".SH COMMANDS",
        f"Each of them explains itself with \\fB{escaped(HELP)}\\fR.",
        *(line for path, command in others for line in section(path, command)),
    ]
    return "\n".join(lines) + "\n"


def tree(command: Any, path: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 (typer's own have no better type)
    """A command and all below it that are shown, in the order of `--help`."""
    yield path, command
    if not hasattr(command, "list_commands"):
        return
    context = command.make_context(path, [], resilient_parsing=True)
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        if not below.hidden:
            yield from tree(below, f"{path} {name}")


def section(path: str, command: Any) -> Iterator[str]:  # noqa: ANN401 (likewise)
    """One command: how it is called, what it does, what may be given."""
    words = [option_or_argument for parameter in command.params if (option_or_argument := called(parameter))]
    yield f'.SS "{escaped(" ".join([path, *words]))}"'
    yield from prose(command.help)
    yield from parameters(command)


def called(parameter: Any) -> str:  # noqa: ANN401 (likewise)
    """An argument in the line that shows a call; options are listed below it."""
    if parameter.param_type_name != "argument":
        return ""
    name = str(parameter.metavar or parameter.name).upper() + ("..." if parameter.nargs == -1 else "")
    return name if parameter.required else f"[{name}]"


def parameters(command: Any) -> Iterator[str]:  # noqa: ANN401 (likewise)
    """What is said of each option and argument."""
    for parameter in command.params:
        said = str(getattr(parameter, "help", None) or "")
        if getattr(parameter, "hidden", False) or HELP in parameter.opts:
            continue
        if parameter.param_type_name == "argument":
            names = called(parameter).strip("[]")
        else:
            names = ", ".join([*parameter.opts, *parameter.secondary_opts])
        yield from (".TP", f"\\fB{escaped(names)}\\fR", *prose(said))


def prose(text: str | None) -> Iterator[str]:
    """Paragraphs and lists of a help text, which is Markdown of the plainest kind."""
    for nth, block in enumerate(re.split(r"\n\s*\n", (text or "").strip())):
        if nth:
            yield ".PP"
        for line in block.splitlines():
            if line.startswith(ITEM):
                yield ".IP \\(bu 2"
            yield marked(line.removeprefix(ITEM).strip())


def marked(line: str) -> str:
    """A line with what stands between backticks in bold; none begins as a request does."""
    parts = cast("list[str]", CODE.split(line))
    text = "".join(f"\\fB{escaped(part)}\\fR" if nth % 2 else escaped(part) for nth, part in enumerate(parts))
    return f"\\&{text}" if text.startswith((".", "'")) else text


def escaped(text: str) -> str:
    return text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(manual())

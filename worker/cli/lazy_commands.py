"""Commands by the name of what they are: each is imported when it is asked for, for all together take a second."""

import os
import sys
from collections import UserDict
from collections.abc import Sequence
from contextvars import copy_context
from importlib import import_module
from typing import Any, NoReturn, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from worker.language import language_of, speak

#: Module and name of each, in the order of `--help`: a function is a command, an `app` is a group of them.
COMMANDS = {
    "up": "run.up:up",
    "worker": "run.processes:worker",
    "scheduler": "run.scheduler:scheduler",
    "console": "run.processes:console",
    "health": "operate.health:health",
    "migrate": "run.migrate:migrate",
    "check": "operate.check:check",
    "history": "history.notifications:app",
    "occurrences": "history.calendar:occurrences",
    "simulate": "history.simulate:simulate",
    "consent": "consent.consents:consent",
    "calendar": "history.calendar:calendar",
    "demo": "demo.command:demo",
    "simulator": "simulator.commands:app",
    "account": "account.commands:app",
    "key": "operate.secret_key:app",
    "trigger": "trigger.commands:app",
    "template": "template.commands:app",
    "event": "event.commands:app",
    "suppression": "consent.suppression:app",
    "dead": "dead.commands:app",
    "pause": "hands.pause:pause",
    "resume": "hands.pause:resume",
    "pauses": "hands.pause:list_pauses",
    "cancel": "hands.cancel:cancel",
    "resend": "hands.resend:resend",
    "send": "hands.send:send",
    "unconfirmed": "operate.unconfirmed:app",
    "stats": "stats.commands:app",
    "audit": "audit.list:audit",
}


def loaded(name: str) -> TyperCommand | TyperGroup:
    module, attribute = COMMANDS[name].split(":")
    value = getattr(import_module(f"worker.cli.{module}"), attribute)
    if isinstance(value, typer.Typer):
        group = get_group(value)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False, rich_markup_mode="markdown")
    alone.command(name)(value)
    return cast("TyperCommand", get_command(alone))


class Commands(UserDict[str, TyperCommand | TyperGroup | None]):
    def __init__(self) -> None:
        super().__init__(dict.fromkeys(COMMANDS))

    def __getitem__(self, name: str) -> TyperCommand | TyperGroup:
        command = self.data[name] = self.data[name] or loaded(name)
        return command


#: Options of the whole command, which may stand anywhere, and whether a value follows.
ANYWHERE = {"--utc": False, "--lang": True}


def in_front(arguments: Sequence[str]) -> list[str]:
    """Arguments with the options of the whole command before those of one command."""
    front, rest = list[str](), list(arguments)
    end = rest.index("--") if "--" in rest else len(rest)
    index = 0
    while index < end:
        name, equals, _value = rest[index].partition("=")
        length = 1 + (ANYWHERE.get(name, False) and not equals)
        if name in ANYWHERE:
            front += rest[index : index + length]
            del rest[index : index + length]
            end -= length
        else:
            index += 1
    return front + rest


class LazyGroup(TyperGroup):
    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 (Typer's own, handed on)
        super().__init__(**settings)
        self.commands: Any = Commands()

    def main(self, args: Sequence[str] | None = None, *rest: Any, **named: Any) -> NoReturn:  # noqa: ANN401 (likewise)
        arguments = in_front(sys.argv[1:] if args is None else args)
        sys.exit(copy_context().run(self.ended, arguments, *rest, **{**named, "standalone_mode": False}))

    def ended(self, arguments: Sequence[str], *rest: Any, **named: Any) -> int:  # noqa: ANN401 (likewise)
        """The exit code of the command, whose errors are said in its language."""
        speak(language_of(os.environ))
        try:
            return super().main(arguments, *rest, **named) or 0
        except (typer.Abort, typer.TyperException) as error:
            from worker.cli.usage_errors import show_usage_error  # noqa: PLC0415 (help must be quick)

            return show_usage_error(error)

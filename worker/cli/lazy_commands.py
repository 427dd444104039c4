"""Commands by the name of what they are: each is imported when it is asked for, for all together take a second."""

from collections import UserDict
from importlib import import_module
from typing import Any, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

#: Module and name of each, in the order of `--help`: a function is a command, an `app` is a group of them.
COMMANDS = {
    "up": "run.up:up",
    "worker": "run.processes:worker",
    "scheduler": "run.scheduler:scheduler",
    "console": "run.processes:console",
    "health": "operate.health:health",
    "migrate": "run.migrate:migrate",
    "check": "operate.check:check",
    "history": "history.notifications:history",
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
    "dead": "operate.dead_letters:app",
    "unconfirmed": "operate.unconfirmed:app",
    "stats": "history.cost_report:app",
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


class LazyGroup(TyperGroup):
    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 (Typer's own, handed on)
        super().__init__(**settings)
        self.commands: Any = Commands()

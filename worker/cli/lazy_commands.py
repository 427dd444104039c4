"""Commands by the name of what they are: each is imported when it is asked for, for all together take a second."""

import os
import sys
from collections import UserDict
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from importlib import import_module
from typing import Any, NoReturn, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from worker.cli import interruption
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
    "why": "history.why:why",
    "occurrences": "history.calendar:occurrences",
    "simulate": "history.simulate:simulate",
    "consent": "consent.consents:consent",
    "calendar": "history.calendar:calendar",
    "demo": "demo.command:demo",
    "simulator": "simulator.commands:app",
    "account": "account.commands:app",
    "apikey": "apikey.commands:app",
    "user": "user.commands:app",
    "key": "operate.secret_key:app",
    "trigger": "trigger.commands:app",
    "template": "template.commands:app",
    "event": "event.commands:app",
    "api": "api.commands:app",
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
    "privacy": "privacy.commands:app",
}


#: What `--help` says of each, as its own help begins: to import all for that takes a second.
SUMMARIES: dict[str, str] = {
    "up": "Run a worker, a scheduler and a console here, until Ctrl-C or SIGTERM; migrate first.",
    "worker": "Accept events and send notifications, until SIGTERM or Ctrl-C; what is in hand is finished within 25 s.",
    "scheduler": "Find what waits, hand it to the workers and publish due reminders, until SIGTERM or Ctrl-C.",
    "console": "Serve TurboSMS's reports and the API, until SIGTERM or Ctrl-C; what is in hand is answered in 20 s.",
    "health": "Ask a process of ours whether it really does its work: consumes, publishes, writes; and if not, why.",
    "migrate": "Apply the files of `sql/` that this database has not seen, and keep its partitions three months ahead.",
    "check": "Test everything a worker needs, and list what is paused or waits.",
    "history": (
        "What became of texts, the newest first: of a client, a person, a phone, a record, an event, an account."
    ),
    "why": "Why did somebody get a text, or none: one timeline from the event to the phone, and what to do.",
    "occurrences": "The newest due moments of records: meetings, bookings, birthdays, last days, reminders.",
    "simulate": (
        "The reminders that an account's people would get in these days, as things are now: nothing is sent or written."
    ),
    "consent": (
        "What the CRM recorded of its contacts' consent to advertising, the newest first, with the event that recorded "
        "it."
    ),
    "calendar": (
        "The moments of an account's records as events gave them, what was wrong with each, and when the next reminder "
        "is."
    ),
    "demo": "Publish a realistic set of CRM events, wait for the end of each, and show what became of it.",
    "simulator": "Run a simulated TurboSMS until SIGTERM or Ctrl-C, look at what it got, or set what it shall do next.",
    "account": "Add, set, resume and look at CRM installations.",
    "apikey": "Keys by which other programs call the API, or sign addresses of clients' pages.",
    "user": "People who sign in to the console in a browser: their roles, rights and one-time links.",
    "key": "Look at the secret key, change it, or begin without it.",
    "trigger": "See, switch and set the triggers of an account.",
    "template": "Read, write and try the texts of an account, and learn the shortcodes that they may hold.",
    "event": "Publish events by hand, and learn their shape.",
    "api": "The HTTP API, for whoever writes a CRM.",
    "suppression": "The stop-list: who is not written to, why, and by whose word.",
    "dead": "Look at dead letters, mend, replay or drop them.",
    "pause": (
        "Stop texts before they go: of an account, a trigger, a lane, a channel, or all. Nothing is lost, all of it "
        "waits."
    ),
    "resume": (
        "End a pause that a person made; name it as it was paused. What waited goes within its hours, pace and limits."
    ),
    "pauses": (
        "List what is paused: by people, and by itself for want of money, a token, a sender, or because it ran away."
    ),
    "cancel": (
        "Cancel texts that wait: some by their numbers, or all that the filters find, as the backlog of a trigger."
    ),
    "resend": (
        "Send texts again: some by their numbers, or all that the filters find. Each is a new text that names the "
        "first."
    ),
    "send": (
        "Send a text, or a custom template, to people by their phones; you see words, number and price, and are asked."
    ),
    "unconfirmed": "Texts that were perhaps sent: look at them, send them again, or confirm that they went.",
    "stats": "See at one look what goes, what waits for what and until when, what it costs, and who works.",
    "audit": (
        "Who changed a setting, a trigger, a text, the stop-list; who stopped, resent or erased; who looked at phones."
    ),
    "privacy": "Personal data: show a person what is kept of them, forget them, and set how long data is kept.",
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
    """The commands; while all are only listed, by their summaries."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(COMMANDS))
        self.is_listed = False

    def __getitem__(self, name: str) -> TyperCommand | TyperGroup:
        if self.is_listed and name in SUMMARIES:
            return TyperCommand(name, help=SUMMARIES[name])
        command = self.data[name] = self.data[name] or loaded(name)
        return command

    @contextmanager
    def listed(self) -> Generator[None]:
        self.is_listed = True
        try:
            yield
        finally:
            self.is_listed = False


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

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 (likewise)
        with self.commands.listed():
            super().format_help(ctx, formatter)

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:  # noqa: ANN401 (likewise)
        with self.commands.listed():
            return super().shell_complete(ctx, incomplete)

    def main(self, args: Sequence[str] | None = None, *rest: Any, **named: Any) -> NoReturn:  # noqa: ANN401 (likewise)
        arguments = in_front(sys.argv[1:] if args is None else args)
        sys.exit(copy_context().run(self.ended, arguments, *rest, **{**named, "standalone_mode": False}))

    def ended(self, arguments: Sequence[str], *rest: Any, **named: Any) -> int:  # noqa: ANN401 (likewise)
        """The exit code of the command, whose errors are said in its language."""
        speak(language_of(os.environ))
        try:
            code = super().main(arguments, *rest, **named) or 0
            sys.stdout.flush()
        except (typer.Abort, typer.TyperException, OSError) as error:
            from worker.cli.usage_errors import show_error  # noqa: PLC0415 (help must be quick)

            return show_error(error)
        if code == interruption.CODE:
            typer.echo("\n" + interruption.stopped(), err=True)
        return code

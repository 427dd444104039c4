"""What Typer says of wrong usage, said in the language of the command; what none of these is stays as it is."""

import errno
import os
import re
import sys
from functools import cache

import typer

from worker.cli.terminal import Exit, echo
from worker.language import _, marked

#: Sentences of Typer, and of pydantic, which reads values for it.
SENTENCES = (
    marked("Usage: {usage}"),
    marked("No such option: {option} (Possible options: {options})"),
    marked("No such option: {option}"),
    marked("No such command {command}. Did you mean {suggestion}?"),
    marked("No such command {command}."),
    marked("Missing command."),
    marked("Missing argument {name}. Choose from:{choices}"),
    marked("Missing argument {name}."),
    marked("Missing option {name}. Choose from:{choices}"),
    marked("Missing option {name}."),
    marked("Got unexpected extra argument ({arguments})"),
    marked("Got unexpected extra arguments ({arguments})"),
    marked("Option {option} does not take a value."),
    marked("Option {option} requires an argument."),
    marked("Invalid value for {name}: {message}"),
    marked("Input should be greater than or equal to {least}"),
    marked("Input should be less than or equal to {most}"),
    marked("Input should be a valid integer, unable to parse string as an integer"),
    marked("Input should be {choices}"),
    marked("{value} is not one of {choices}."),
    marked("{value} does not match the formats {formats}."),
    marked("{value} does not match the format {formats}."),
)


@cache
def pattern_of(sentence: str) -> re.Pattern[str]:
    """Which sentences of Typer this one stands for."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(sentence)), re.DOTALL)


def translated(text: str) -> str:
    text = text.removeprefix("Value error, ")
    for sentence in SENTENCES:
        if match := pattern_of(sentence).fullmatch(text):
            return _(sentence, **{name: translated(value) for name, value in match.groupdict().items()})
    return text


def show_error(error: typer.Abort | typer.TyperException | OSError) -> int:
    """Say why a command did not begin or go on; its exit code."""
    if isinstance(error, typer.Abort):
        echo(_("Not done."))
        return Exit.FAILED
    if isinstance(error, OSError):
        show_system_error(error)
        return Exit.FAILED
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        return error.exit_code
    if context is not None:
        echo(translated(context.get_usage()))
        echo(_("Try '{command} --help' for help.", command=context.command_path) + "\n")
    echo(_("Error: {message}", message=translated(error.format_message())))
    return error.exit_code


def show_system_error(error: OSError) -> None:
    """Say what the system refused: a file that is not there, a disk that is full; not that nobody reads any more."""
    if error.errno != errno.EPIPE:
        where = f"{error.filename}: " if error.filename else ""
        echo(_("Error: {message}", message=f"{where}{error.strerror or error}"))
    if sys.stdout is sys.__stdout__:
        # What is still in its buffer would be refused again when the process ends, with a complaint of Python's.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

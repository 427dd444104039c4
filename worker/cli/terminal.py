"""What the command prints and how: results on stdout, sentences on stderr, an exit code that means something."""

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import IntEnum
from typing import Annotated, Any, TypeVar

import orjson
import typer
from rich.console import Console
from rich.text import Text

from worker.cli.moments import Zones
from worker.cli.tables import drawn, lines, localized_cell
from worker.core.contract.phone_mask import masked
from worker.language import _
from worker.logs.redaction import visible

T = TypeVar("T")
#: Wide enough that nothing is cut where no terminal sets a width.
WIDTH_OF_A_PIPE = 200
TEXT_SHOWN = 60
#: What people answer, in either language and with either keyboard.
ANSWERS = {**dict.fromkeys(("y", "yes", "т", "так"), True), **dict.fromkeys(("n", "no", "н", "ні"), False)}

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON: stable keys, ISO times.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


class Exit(IntEnum):
    """Exit codes, as the help lists them; 2 is Click's."""

    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    AWAY = 4


def group(purpose: str) -> typer.Typer:
    """Commands of one room, with what they are for."""
    return typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help=purpose)


def echo(text: str) -> None:
    console(stderr=True).print(Text(visible(text)), soft_wrap=True)


def stop(text: str, code: Exit = Exit.FAILED) -> typer.Exit:
    """Print why, and return the exit to be raised."""
    echo(text)
    return typer.Exit(code)


def emit(value: object) -> None:
    option = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE
    sys.stdout.write(orjson.dumps(value, option=option, default=str).decode())


def show(
    rows: Sequence[Mapping[str, Any]],
    *,
    as_json: bool,
    empty: str,
    columns: Sequence[str] = (),
    zones: Zones | None = None,
) -> None:
    """Rows as JSON, or as a table or cards of these columns (all, if none are named), the one that names a row first.

    An empty table names the next step. Moments are in the zone of each row's account, in the one given, or as they are.
    """
    if as_json:
        emit(rows)
    elif rows:
        out = console()
        out.print(drawn(rows, columns or list(rows[0]), width=out.width, zones=zones))
    else:
        echo(empty)


def sheet(row: Mapping[str, Any], *, zones: Zones | None = None) -> None:
    """One thing as names and values."""
    console().print(lines({name: localized_cell(row, name, zones) for name in row}))


def console(*, stderr: bool = False) -> Console:
    """Rich obeys NO_COLOR and writes no colours into a pipe by itself."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else WIDTH_OF_A_PIPE
    return Console(file=stream, width=width, highlight=False)


def shortened(text: str) -> str:
    return text if len(text) <= TEXT_SHOWN else text[:TEXT_SHOWN] + "…"


def changes(was: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    return [
        _("{name}: was {was}, is {now} now", name=name, was=was[name], now=now[name])
        for name in was
        if was[name] != now[name]
    ]


def phone_given(text: str, name: str) -> str:
    """The phone that was given by this name, in E.164; the end of the command where it is none."""
    from worker.core.contract.phone import only_phone  # noqa: PLC0415 (help must be quick)

    try:
        return only_phone(text)
    except ValueError as error:
        raise stop(_("{name}: {error}; write it as 067 123 45 67.", name=name, error=error), Exit.USAGE) from None


def phone_cell(phone: str | None) -> str | None:
    return masked(phone) if phone else None


def format_price(price: Decimal) -> str:
    """`0.95`, and no more figures than it needs."""
    return f"{price.normalize():f}"


def as_parameter(parse: Callable[[str], T]) -> Callable[[str], T]:
    """Let typer show the sentence of a parser that raises ValueError."""

    def parsed(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None

    return parsed


def one_of(names: Iterable[str]) -> Callable[[str], list[str]]:
    """Let a shell complete what is begun of one of these names."""
    known = tuple(names)

    def complete(incomplete: str) -> list[str]:
        return [name for name in known if name.startswith(incomplete)]

    return complete


def has_terminal() -> bool:
    return sys.stdin.isatty()


def agree(question: str, *, yes: bool) -> None:
    """Ask before something that cannot be taken back; without a terminal --yes must be given."""
    if yes:
        return
    if not has_terminal():
        raise stop(_("{question} Repeat with --yes.", question=question), Exit.USAGE)
    if not is_wanted(question, otherwise=False):
        raise typer.Abort


def is_wanted(question: str, *, otherwise: bool) -> bool:
    """Ask until the answer is yes or no, in either language; nothing typed is `otherwise`."""
    choice = _("[Y/n]") if otherwise else _("[y/N]")
    while True:
        answer = typer.prompt(f"{question} {choice}", "", show_default=False, err=True).strip().casefold()
        if answer in ANSWERS:
            return ANSWERS[answer]
        if not answer:
            return otherwise
